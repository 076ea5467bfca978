package kiln.model;

import java.util.List;
import kiln.model.backend.cpu.CpuBackend;
import kiln.model.backend.cuda.FakeGpu;
import kiln.model.backend.cuda.ShimBackend;
import kiln.model.backend.reference.ReferenceBackend;
import kiln.model.plan.Backend;

/** The backends that every test of operations and networks runs on. */
public final class Backends {
  private Backends() {}

  public static List<String> names() {
    return List.of("reference", "cpu");
  }

  /** Those, and the kernels of the CUDA backend on the processor: for operations, and for one network of each kind. */
  public static List<String> withShim() {
    return List.of("reference", "cpu", "cuda-shim");
  }

  /** Those of {@link #withShim}, and the whole CUDA backend on the driver for tests. */
  public static List<String> withFakeGpu() {
    return List.of("reference", "cpu", "cuda-shim", "cuda");
  }

  public static Backend open(String name) {
    return switch (name) {
      case "cpu" -> new CpuBackend();
      case "cuda" -> FakeGpu.backend();
      case "cuda-shim" -> new ShimBackend();
      case "reference" -> new ReferenceBackend();
      default -> throw new IllegalArgumentException("no backend " + name);
    };
  }
}
