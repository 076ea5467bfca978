/* Checks of bindings/…/ThreadScheduling.java against the system's headers: it compiles only if they agree. */
#define _GNU_SOURCE
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

_Static_assert(SYS_sched_setattr == 314, "SYS_SCHED_SETATTR");
_Static_assert(SYS_sched_getattr == 315, "SYS_SCHED_GETATTR");
_Static_assert(SCHED_ATTR_SIZE_VER0 == 48, "ATTR_BYTES");
_Static_assert(sizeof(struct sched_attr) >= 48, "ATTR_BYTES");
_Static_assert(offsetof(struct sched_attr, sched_policy) == 4, "ATTR_POLICY");
_Static_assert(offsetof(struct sched_attr, sched_runtime) == 24, "ATTR_RUNTIME");
_Static_assert(SCHED_NORMAL == 0, "SCHED_OTHER");
_Static_assert(__builtin_types_compatible_p(__typeof__(syscall), long(long, ...)), "syscall");
