/*
 * Checks of bindings/…/FileRoom.java against the system's headers: it compiles only if every constant and signature agrees. A test
 * (FileRoomTest) compares the constants here with those of the Java class.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "check.h"

CONSTANT(O_RDWR, O_RDWR, 2);
CONSTANT(O_CREAT, O_CREAT, 64);
CONSTANT(O_CLOEXEC, O_CLOEXEC, 524288);
CONSTANT(EINTR, EINTR, 4);
CONSTANT(EFBIG, EFBIG, 27);
CONSTANT(ENOSPC, ENOSPC, 28);
CONSTANT(EDQUOT, EDQUOT, 122);

_Static_assert(sizeof(off_t) == 8 && sizeof(int) == 4 && sizeof(mode_t) == 4, "sizes of the arguments");
FUNCTION(open, int, const char *, int, ...);
FUNCTION(close, int, int);
FUNCTION(posix_fallocate, int, int, off_t, off_t);
