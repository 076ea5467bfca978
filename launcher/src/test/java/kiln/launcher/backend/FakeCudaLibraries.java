package kiln.launcher.backend;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import kiln.bindings.DeviceKernelImage;
import kiln.bindings.cuda.CudaLibrarySearch;

/**
 * A GPU for tests: the libraries of native/fake_cuda over the memory of this machine, and Kiln's kernels on its processors. Only for
 * processes that a test starts: in the test's own, they would be there for all others.
 */
public final class FakeCudaLibraries {
  private static final Path BUILT = Path.of(System.getProperty("kiln.root"), "bindings/target").toAbsolutePath();
  private static final Path LIBRARIES = BUILT.resolve("cmake/fake_cuda");
  private static final Path KERNELS = BUILT.resolve("cuda-shim/libkiln_cuda_shim.so");

  private FakeCudaLibraries() {}

  /** Variables of a process that is to find them, with memory of 256 MiB; the test is skipped where they were not built. */
  public static Map<String, String> variables() {
    return variables(256L << 20);
  }

  /**
   * @param memory bytes of the device's
   */
  public static Map<String, String> variables(long memory) {
    boolean built = Files.exists(LIBRARIES.resolve("libcuda.so.1"));
    assumeTrue(built, "skipped: built without cuda.h, so there is no driver for tests");
    assumeTrue(Files.exists(KERNELS), "skipped: no " + KERNELS + " (no g++ when built)");
    return Map.of(
        CudaLibrarySearch.VARIABLE, LIBRARIES.toString(), DeviceKernelImage.VARIABLE, KERNELS.toString(),
        "KILN_FAKE_CUDA_MEMORY", Long.toString(memory));
  }

  /** The kernels of such a process. */
  static String kernels() {
    return KERNELS.toString();
  }

  /** The same with memory of 2 GiB, and a driver that does work only when somebody waits for it. */
  public static Map<String, String> device() {
    Map<String, String> variables = new HashMap<>(variables(2L << 30));
    variables.put("KILN_FAKE_CUDA_LAZY", "1");
    return variables;
  }
}
