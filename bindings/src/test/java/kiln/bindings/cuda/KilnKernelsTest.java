package kiln.bindings.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import kiln.bindings.cuda.CudaLaunch.Shape;
import org.junit.jupiter.api.Test;

/** Kiln's own kernels (native/cuda) as a module of the driver for tests: what a launch passes is what they get. */
class KilnKernelsTest {
  /** Where the build puts the library that runs them on the processor. */
  private static final Path SHIM =
      Path.of(System.getProperty("kiln.cuda.shim", "target/cuda-shim"), "libkiln_cuda_shim.so");

  @Test
  void shouldLaunchAndReplayAffine() throws IOException {
    assumeTrue(Files.exists(SHIM), "skipped: this build has no " + SHIM);
    int n = 5000;
    float[] numbers = new float[n];
    for (int i = 0; i < n; i++) {
      numbers[i] = i;
    }
    try (FakeCuda cuda = new FakeCuda();
        CudaModule module = new CudaModule(Files.readAllBytes(SHIM));
        DeviceRegion x = cuda.floats(numbers);
        DeviceRegion y = cuda.allocate(4L * n);
        CudaLaunch affine =
            new CudaLaunch(
                module.kernel("kiln_affine"), Shape.of(3, 256), 0, x.memory(), y.memory(), (long) n, 2f, -1f)) {
      affine.launch(cuda.stream);
      assertArrayEquals(affine(numbers, 2, -1), cuda.read(y.memory()));
      affine.setFloat(4, 0.5f);
      try (CudaGraph graph = CudaGraph.capture(cuda.stream, () -> affine.launch(cuda.stream))) {
        graph.launch(cuda.stream);
      }
      assertArrayEquals(affine(numbers, 0.5f, -1), cuda.read(y.memory()));
    }
  }

  private static float[] affine(float[] x, float scale, float shift) {
    float[] y = new float[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = scale * x[i] + shift;
    }
    return y;
  }
}
