package kiln.model.backend.cuda;

import java.util.List;
import kiln.model.backend.InPlace;
import kiln.model.op.Op;
import kiln.model.plan.Backend;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/**
 * The launches of the CUDA backend, those of libraries too, on the driver for tests. That runs everything at once on memory of
 * this process, so plans need no other memory than the usual.
 */
public final class FakeGpuBackend implements Backend {
  private final CudaEngine engine = FakeGpu.open();
  private final CudaOperations operations = new CudaOperations(engine);

  @Override
  public String name() {
    return "cuda-fake";
  }

  @Override
  public Launch prepare(Op op, List<Buffer> inputs, List<Buffer> outputs, Scratch scratch) {
    return operations.prepare(op, inputs, outputs, scratch);
  }

  @Override
  public boolean mayOverwrite(Op op, int input) {
    return InPlace.mayOverwrite(op, input);
  }

  @Override
  public void close() {
    engine.close();
  }
}
