/* Shared by all kernels: what is exported, and index types. Tensors are dense, row-major; feature maps are NHWC. */
#ifndef KILN_H
#define KILN_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#define KILN_EXPORT __attribute__((visibility("default")))

#endif
