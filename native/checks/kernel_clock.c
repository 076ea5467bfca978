/*
 * Checks of bindings/…/KernelClock.java against the system's headers: it compiles only if every constant and signature agrees. A
 * test (KernelClockTest) compares the constants here with those of the Java class.
 */
#define _GNU_SOURCE
#include <stddef.h>
#include <sys/timex.h>

#define CONSTANT(java, c, value) _Static_assert((c) == (value), #java)
#define FUNCTION(name, result, ...) \
  _Static_assert(__builtin_types_compatible_p(__typeof__(name), result(__VA_ARGS__)), #name)

CONSTANT(TIMEX_BYTES, sizeof(struct timex), 208);
CONSTANT(MAXERROR, offsetof(struct timex, maxerror), 24);
CONSTANT(STATUS, offsetof(struct timex, status), 40);
CONSTANT(STA_UNSYNC, STA_UNSYNC, 64);

_Static_assert(sizeof(((struct timex *)0)->maxerror) == 8 && sizeof(((struct timex *)0)->status) == 4, "sizes of the fields");
FUNCTION(adjtimex, int, struct timex *);
