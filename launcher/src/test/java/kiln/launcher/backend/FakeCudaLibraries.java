package kiln.launcher.backend;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import kiln.bindings.DeviceKernelImage;
import kiln.bindings.cuda.CudaLibrarySearch;

/** The libraries of native/fake_cuda, for processes that a test starts: in the test's own, they would be there for all others. */
public final class FakeCudaLibraries {
  private FakeCudaLibraries() {}

  /** Variables of a process that is to find them; the test is skipped where they were not built. */
  public static Map<String, String> variables() {
    Path folder = Path.of(System.getProperty("kiln.root"), "bindings/target/cmake/fake_cuda").toAbsolutePath();
    assumeTrue(Files.exists(folder.resolve("libcuda.so.1")), "skipped: built without cuda.h, so there is no driver for tests");
    return Map.of(CudaLibrarySearch.VARIABLE, folder.toString());
  }

  /** The same with Kiln's kernels for the processor, and a driver that does work only when somebody waits for it. */
  public static Map<String, String> device() {
    Path kernels = Path.of(System.getProperty("kiln.root"), "bindings/target/cuda-shim/libkiln_cuda_shim.so").toAbsolutePath();
    assumeTrue(Files.exists(kernels), "skipped: built without g++, so there are no kernels for tests");
    Map<String, String> variables = new HashMap<>(variables());
    variables.put(DeviceKernelImage.VARIABLE, kernels.toString());
    variables.put("KILN_FAKE_CUDA_LAZY", "1");
    variables.put("KILN_FAKE_CUDA_MEMORY", Long.toString(2L << 30));
    return variables;
  }
}
