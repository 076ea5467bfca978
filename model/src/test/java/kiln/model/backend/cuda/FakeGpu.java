package kiln.model.backend.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import kiln.bindings.cuda.CudaLibrarySearch;

/** The CUDA backend on the driver for tests (native/fake_cuda), with Kiln's kernels on the processor. */
public final class FakeGpu {
  private static final Path LIBRARIES = Path.of(System.getProperty(CudaLibrarySearch.PROPERTY));
  private static final Path KERNELS = Path.of("..", "bindings", "target", "cuda-shim", "libkiln_cuda_shim.so");

  private FakeGpu() {}

  /** As {@link #open}: a backend that records its plans as graphs. */
  public static CudaBackend backend() {
    return new CudaBackend(open(), true);
  }

  /** Skips the test that asks where the build had no compiler or no headers for it. */
  static CudaEngine open() {
    assumeTrue(Files.exists(LIBRARIES.resolve("libcuda.so.1")), "skipped: built without cuda.h, so there is no driver for tests");
    assumeTrue(Files.exists(KERNELS), "skipped: no " + KERNELS + " (no g++ when built)");
    try {
      return new CudaEngine(0, Files.readAllBytes(KERNELS));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
