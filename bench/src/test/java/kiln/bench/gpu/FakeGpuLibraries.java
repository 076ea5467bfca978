package kiln.bench.gpu;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kiln.bench.step.NamedCase;
import kiln.bench.step.StepCase;
import kiln.bindings.DeviceKernelImage;
import kiln.bindings.cuda.CudaLibrarySearch;
import tools.jackson.databind.node.ObjectNode;

/** What measuring on the driver for tests (native/fake_cuda) needs: the pom names its libraries and its kernels. */
public final class FakeGpuLibraries {
  private static final int SIDE = 4;
  private static final int TOKENS = 4;

  private static final String ONE_LEVEL =
      """
      {"block_out_channels": [8], "down_block_types": ["CrossAttnDownBlock2D"], "up_block_types": ["CrossAttnUpBlock2D"],
       "attention_head_dim": [2], "cross_attention_dim": 8}
      """;

  private FakeGpuLibraries() {}

  /** Skips the test where they were not built. */
  public static void assumeBuilt() {
    Path libraries = Path.of(System.getProperty(CudaLibrarySearch.PROPERTY));
    Path kernels = Path.of(System.getProperty(DeviceKernelImage.PROPERTY));
    assumeTrue(Files.exists(libraries.resolve("libcuda.so.1")), "skipped: built without cuda.h, so there is no driver for tests");
    assumeTrue(Files.exists(kernels), "skipped: no " + kernels + " (no g++ when built)");
  }

  /** Of a device with so much memory, for processes; it cannot be said to this one. */
  static Map<String, String> memory(long megabytes) {
    return Map.of("KILN_FAKE_CUDA_MEMORY", Long.toString(megabytes << 20));
  }

  /**
   * A tiny training step, with peaks that are measured in no time.
   *
   * @param type 0 for float32, 1 for bfloat16
   */
  static GpuCase tiny(int type, List<Integer> microBatches, boolean profile) {
    StepCase c = NamedCase.ofPreset("tiny").get(type).make();
    ObjectNode unet = c.unet().deepCopy();
    unet.setAll((ObjectNode) GpuJson.LINES.readTree(ONE_LEVEL));
    StepCase small =
        new StepCase(c.kind(), c.dtype(), unet, null, null, 1, SIDE, SIDE, TOKENS, 1, 1, c.remat(), c.threads());
    return new GpuCase(small, false, 0, microBatches, false, 2, 0, 120, profile, 64, 1 << 16);
  }
}
