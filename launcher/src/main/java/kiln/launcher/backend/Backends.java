package kiln.launcher.backend;

import kiln.launcher.telemetry.PeakMemory;
import kiln.model.backend.cpu.CpuBackend;
import kiln.model.backend.cuda.CudaBackend;
import kiln.model.backend.reference.ReferenceBackend;
import kiln.model.plan.Backend;

/** Opens what computes. */
public final class Backends {
  private static final double MEGA = 1e6;

  private Backends() {}

  /**
   * For a process that is alone on its machine.
   *
   * @throws kiln.bindings.UserException if it is cuda, and that cannot be used here
   */
  public static Backend open(BackendChoice choice) {
    return open(choice, 0);
  }

  /**
   * @param localRank place of the rank among those of its machine, by which it has its GPU
   * @throws kiln.bindings.UserException if it is cuda, and that cannot be used here
   */
  public static Backend open(BackendChoice choice, int localRank) {
    BackendChoice known = choice.kind() == null ? choice.resolve().choice() : choice;
    return switch (known.kind()) {
      case CPU -> new CpuBackend();
      case REFERENCE -> new ReferenceBackend();
      case CUDA -> cuda(known, localRank);
    };
  }

  private static CudaBackend cuda(BackendChoice choice, int localRank) {
    CudaBackend backend = new CudaBackend(choice.gpu(localRank).index());
    backend.autotune(choice.autotune());
    return backend;
  }

  /** Megabytes that were taken at most at once: of the GPU's memory by tensors, or of this machine's by the whole process. */
  public static double peakMegabytes(Backend backend) {
    return backend instanceof CudaBackend cuda ? cuda.peakBytes() / MEGA : PeakMemory.megabytes();
  }
}
