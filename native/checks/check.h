/*
 * What the checks say: CONSTANT names a Java field, FUNCTION a C function with its result and parameters, and AS_… the Java
 * carrier of a C type. Tests read these lines, so each fits its form exactly.
 */
#ifndef KILN_CHECK_H
#define KILN_CHECK_H

#define CONSTANT(java, c, value) _Static_assert((c) == (value), #java)
#define FUNCTION(name, result, ...) \
  _Static_assert(__builtin_types_compatible_p(__typeof__(name), result(__VA_ARGS__)), #name)
#define CLASS(type) __builtin_classify_type((type)0)
#define AS_BYTE(type) _Static_assert(sizeof(type) == 1, #type)
#define AS_INT(type) _Static_assert(sizeof(type) == 4 && CLASS(type) != CLASS(float), #type)
#define AS_FLOAT(type) _Static_assert(sizeof(type) == 4 && CLASS(type) == CLASS(float), #type)
#define AS_LONG(type) _Static_assert(sizeof(type) == 8 && CLASS(type) == CLASS(long), #type)
#define AS_ADDRESS(type) _Static_assert(sizeof(type) == 8 && CLASS(type) == CLASS(void *), #type)
/* Passed by value, as bytes alone: as many as a CONSTANT says. */
#define AS_STRUCT(type) _Static_assert(_Alignof(type) == 1, #type)

#endif
