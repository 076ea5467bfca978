/* Checks of bindings/…/TurboJpeg.java against turbojpeg.h: it compiles only if they agree. */
#include <turbojpeg.h>

_Static_assert(TJPF_RGB == 0, "TJPF_RGB");
_Static_assert(TJPF_CMYK == 11, "TJPF_CMYK");
_Static_assert(TJCS_CMYK == 3, "TJCS_CMYK");
_Static_assert(TJCS_YCCK == 4, "TJCS_YCCK");
_Static_assert(TJERR_WARNING == 0, "TJERR_WARNING");
_Static_assert(TJFLAG_LIMITSCANS == 32768, "TJFLAG_LIMITSCANS");
_Static_assert(sizeof(unsigned long) == 8, "JAVA_LONG");
_Static_assert(__builtin_types_compatible_p(tjhandle, void *), "tjhandle");

#define FUNCTION(name, result, ...) _Static_assert(__builtin_types_compatible_p(__typeof__(name), result(__VA_ARGS__)), #name)
FUNCTION(tjInitDecompress, tjhandle, void);
FUNCTION(tjDecompressHeader3, int, tjhandle, const unsigned char *, unsigned long, int *, int *, int *, int *);
FUNCTION(tjDecompress2, int, tjhandle, const unsigned char *, unsigned long, unsigned char *, int, int, int, int, int);
FUNCTION(tjGetErrorStr2, char *, tjhandle);
FUNCTION(tjGetErrorCode, int, tjhandle);
FUNCTION(tjDestroy, int, tjhandle);
