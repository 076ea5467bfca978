/*
 * Checks of bindings/…/SystemMemory.java against the system's headers: it compiles only if every constant and signature agrees. A
 * test (SystemMemoryTest) compares the constants here with those of the Java class.
 */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#define CONSTANT(java, c, value) _Static_assert((c) == (value), #java)
#define FUNCTION(name, result, ...) \
  _Static_assert(__builtin_types_compatible_p(__typeof__(name), result(__VA_ARGS__)), #name)

CONSTANT(PROT_READ, PROT_READ, 1);
CONSTANT(PROT_WRITE, PROT_WRITE, 2);
CONSTANT(MAP_PRIVATE, MAP_PRIVATE, 2);
CONSTANT(MAP_ANONYMOUS, MAP_ANONYMOUS, 32);
CONSTANT(MAP_NORESERVE, MAP_NORESERVE, 16384);
CONSTANT(MADV_DONTNEED, MADV_DONTNEED, 4);
CONSTANT(MADV_HUGEPAGE, MADV_HUGEPAGE, 14);
CONSTANT(MADV_NOHUGEPAGE, MADV_NOHUGEPAGE, 15);
CONSTANT(MAP_FAILED, (long)MAP_FAILED, -1);
CONSTANT(ENOMEM, ENOMEM, 12);

_Static_assert(sizeof(size_t) == 8 && sizeof(off_t) == 8 && sizeof(int) == 4, "sizes of the arguments");
FUNCTION(mmap, void *, void *, size_t, int, int, int, off_t);
FUNCTION(munmap, int, void *, size_t);
FUNCTION(madvise, int, void *, size_t, int);
FUNCTION(getpagesize, int, void);
