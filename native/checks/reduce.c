/* Checks of bindings/…/ReduceKernels.java against native/cpu/reduce.h. */
#include "../cpu/reduce.h"

_Static_assert(kiln_reduction_sum == 0, "ReduceKernels.SUM");
_Static_assert(kiln_reduction_average == 1, "ReduceKernels.AVERAGE");
_Static_assert(kiln_reduction_max == 2, "ReduceKernels.MAX");
_Static_assert(kiln_reduction_min == 3, "ReduceKernels.MIN");
