/* Compiles the file named KILN_BODY, which is the one that includes this, once for float32 and once for bfloat16. Kernels
 * compute in float32 whatever the type of the activations, and round when they store. For the body,
 *
 *   elem          is the type of an element in memory,
 *   TYPED(name)   the name of a function for this type,
 *   LOAD(x)       the float32 of an element,
 *   STORE(x)      the element of a float32.
 *
 * A file is the body where `elem` is defined, and elsewhere what does not depend on the type. */
#ifndef KILN_FLOAT_TYPES_H
#define KILN_FLOAT_TYPES_H

#include "bf16.h"

/* Calls name_bf16 or name_f32. */
#define KILN_CALL_TYPED(bf16, name, ...) \
  do {                                   \
    if (bf16) {                          \
      name##_bf16(__VA_ARGS__);          \
    } else {                             \
      name##_f32(__VA_ARGS__);           \
    }                                    \
  } while (0)

#endif

#define elem float
#define TYPED(name) name##_f32
#define LOAD(x) (x)
#define STORE(x) (x)
#include KILN_BODY
#undef elem
#undef TYPED
#undef LOAD
#undef STORE

#define elem uint16_t
#define TYPED(name) name##_bf16
#define LOAD(x) kiln_bf16_load(x)
#define STORE(x) kiln_bf16_store(x)
#include KILN_BODY
#undef elem
#undef TYPED
#undef LOAD
#undef STORE

#undef KILN_BODY
