package kiln.bench.gpu;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kiln.bench.step.NamedCase;
import kiln.bindings.DeviceKernelImage;
import kiln.bindings.cuda.CudaLibrarySearch;

/** What measuring on the driver for tests (native/fake_cuda) needs: the pom names its libraries and its kernels. */
final class FakeGpuLibraries {
  private FakeGpuLibraries() {}

  /** Skips the test where they were not built. */
  static void assumeBuilt() {
    Path libraries = Path.of(System.getProperty(CudaLibrarySearch.PROPERTY));
    Path kernels = Path.of(System.getProperty(DeviceKernelImage.PROPERTY));
    assumeTrue(Files.exists(libraries.resolve("libcuda.so.1")), "skipped: built without cuda.h, so there is no driver for tests");
    assumeTrue(Files.exists(kernels), "skipped: no " + kernels + " (no g++ when built)");
  }

  /** Of a device with so much memory, for processes; it cannot be said to this one. */
  static Map<String, String> memory(long megabytes) {
    return Map.of("KILN_FAKE_CUDA_MEMORY", Long.toString(megabytes << 20));
  }

  /** A tiny training step, with peaks that are measured in no time. */
  static GpuCase tiny(int type, List<Integer> microBatches, boolean profile) {
    NamedCase named = NamedCase.ofPreset("tiny").get(type);
    return new GpuCase(named.make(), 0, microBatches, false, 0.01, 120, profile, 64, 1 << 16);
  }
}
