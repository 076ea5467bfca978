/* What ReduceKernels.java and reduce.c agree upon. */
#ifndef KILN_REDUCE_H
#define KILN_REDUCE_H

enum kiln_reduction { kiln_reduction_sum = 0, kiln_reduction_average = 1, kiln_reduction_max = 2, kiln_reduction_min = 3 };

#endif
