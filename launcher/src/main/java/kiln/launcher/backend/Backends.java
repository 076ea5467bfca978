package kiln.launcher.backend;

import kiln.model.backend.cpu.CpuBackend;
import kiln.model.backend.cuda.CudaBackend;
import kiln.model.backend.reference.ReferenceBackend;
import kiln.model.plan.Backend;

/** Opens what computes. */
public final class Backends {
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
      case CUDA -> new CudaBackend(known.gpu(localRank).index());
    };
  }
}
