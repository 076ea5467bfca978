/* The number of the calling OpenMP thread, from 0 on. */
#ifndef KILN_THREADS_H
#define KILN_THREADS_H

#include "kiln.h"

#ifdef _OPENMP
#include <omp.h>
KILN_INLINE int64_t kiln_thread(void) { return omp_get_thread_num(); }
#else
KILN_INLINE int64_t kiln_thread(void) { return 0; }
#endif

#endif
