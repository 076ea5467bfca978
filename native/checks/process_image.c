/* Checks of bindings/…/ProcessImage.java against the system's headers: it compiles only if they agree. */
#define _POSIX_C_SOURCE 200809L
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Static_assert(SIG_SETMASK == 2, "SIG_SETMASK");
_Static_assert(sizeof(sigset_t) == 128, "sigset_t");
_Static_assert(F_SETFD == 2, "F_SETFD");
_Static_assert(FD_CLOEXEC == 1, "FD_CLOEXEC");
_Static_assert(__builtin_types_compatible_p(__typeof__(fcntl), int(int, int, ...)), "fcntl");
_Static_assert(STDERR_FILENO == 2, "STDERR_FILENO");
_Static_assert(__builtin_types_compatible_p(__typeof__(execv), int(const char *, char *const[])), "execv");
_Static_assert(__builtin_types_compatible_p(__typeof__(setenv), int(const char *, const char *, int)), "setenv");
_Static_assert(__builtin_types_compatible_p(__typeof__(sigemptyset), int(sigset_t *)), "sigemptyset");
_Static_assert(__builtin_types_compatible_p(__typeof__(pthread_sigmask), int(int, const sigset_t *, sigset_t *)), "pthread_sigmask");
_Static_assert(__builtin_types_compatible_p(__typeof__(dup2), int(int, int)), "dup2");
_Static_assert(__builtin_types_compatible_p(__typeof__(strerror), char *(int)), "strerror");
