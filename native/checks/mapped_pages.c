/* Checks of bindings/…/MappedPages.java against the system's headers: it compiles only if they agree. */
#define _DEFAULT_SOURCE
#include <sys/mman.h>
#include <unistd.h>

_Static_assert(MADV_DONTNEED == 4, "MADV_DONTNEED");
_Static_assert(__builtin_types_compatible_p(__typeof__(madvise), int(void *, size_t, int)), "madvise");
_Static_assert(__builtin_types_compatible_p(__typeof__(getpagesize), int(void)), "getpagesize");
