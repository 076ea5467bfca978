/* Checks of bindings/…/Onednn.java against oneDNN's headers: it compiles only if every constant and signature agrees. */
#include "oneapi/dnnl/dnnl.h"

_Static_assert(dnnl_success == 0, "dnnl_success");
