package kiln.bindings;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Binds functions of Kiln's own library and remembers with which descriptors, so that a test can compare them with the
 * prototypes in {@code native/cpu/kernels.h}: a wrong one corrupts memory silently.
 */
final class CpuKernels {
  private static final Map<String, FunctionDescriptor> DESCRIPTORS = new ConcurrentHashMap<>();

  private CpuKernels() {}

  static MethodHandle bind(String function, FunctionDescriptor descriptor) {
    DESCRIPTORS.put(function, descriptor);
    return NativeLibraries.downcall(NativeLibraries.KILN_CPU, function, descriptor);
  }

  /** Descriptors of the functions that were bound so far, by name. */
  static Map<String, FunctionDescriptor> descriptors() {
    return Map.copyOf(DESCRIPTORS);
  }
}
