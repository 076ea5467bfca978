package kiln.launcher.train;

import kiln.model.backend.cpu.CpuBackend;
import kiln.model.backend.reference.ReferenceBackend;
import kiln.model.plan.Backend;

/** Which kernels compute. */
public enum BackendKind {
  /** oneDNN and Kiln's own kernels, on all threads that the rank may use. */
  CPU,
  /** Plain Java loops, hundreds of times slower: to find out whether a kernel is to blame. */
  REFERENCE;

  Backend open() {
    return switch (this) {
      case CPU -> new CpuBackend();
      case REFERENCE -> new ReferenceBackend();
    };
  }
}
