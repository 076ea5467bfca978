package kiln.launcher.explain;

import java.util.function.Supplier;
import kiln.bindings.Onednn;
import kiln.launcher.backend.BackendChoice;
import kiln.launcher.backend.BackendKind;
import kiln.launcher.backend.Backends;
import kiln.model.backend.cpu.CpuBackend;
import kiln.model.backend.reference.ReferenceBackend;
import kiln.model.graph.DType;
import kiln.model.plan.Backend;

/**
 * What lays plans out.
 *
 * @param open opens the backend, which the caller closes
 * @param name of the backend
 * @param onDevice whether plans and weights are for a GPU's memory
 */
public record Planner(Supplier<Backend> open, String name, boolean onDevice) {
  /** A backend of this machine. */
  public static Planner of(BackendChoice choice) {
    return new Planner(() -> Backends.open(choice), choice.kind().toString(), choice.kind() == BackendKind.CUDA);
  }

  /** For a GPU that is not here: its plan has the same tensors, but its kernels may want other scratch memory. */
  public static Planner ofAbsentDevice(DType compute) {
    boolean cpu = compute == DType.F32 || Onednn.multipliesBf16(); // oneDNN has kernels for what the processor can do
    return cpu
        ? new Planner(CpuBackend::new, BackendKind.CPU.toString(), true)
        : new Planner(ReferenceBackend::new, BackendKind.REFERENCE.toString(), true);
  }
}
