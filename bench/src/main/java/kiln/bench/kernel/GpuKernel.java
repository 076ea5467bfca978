package kiln.bench.kernel;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.Region;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.op.Conv2d;
import kiln.model.op.Conv2dInputGrad;
import kiln.model.op.MatMul;
import kiln.model.plan.Backend;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;
import kiln.model.plan.TensorMemory;

/**
 * A plan of one operation on a device, whose inputs and outputs stay there. Weights of products in bfloat16 have their copy in
 * that type, as in training.
 */
final class GpuKernel implements AutoCloseable {
  private static final double NANO = 1e-9;

  /** Runs before each that counts, which keep the device busy until the latter has been queued. */
  private static final int AHEAD = 2;

  /** Values are drawn that far, and then repeated: gigabytes would take longer to draw than to measure. */
  private static final long DRAWN_BYTES = 4 << 20;

  private final List<Region> regions = new ArrayList<>();
  private final TensorMemory memory;
  private final Plan plan;

  /**
   * @param backend outlives this
   * @throws kiln.bindings.cuda.DeviceOutOfMemoryException if it does not fit
   */
  GpuKernel(KernelShape shape, Backend backend) {
    memory = backend.memory();
    try {
      plan = plan(shape, backend);
    } catch (RuntimeException e) {
      regions.forEach(Region::close);
      throw e;
    }
  }

  private Plan plan(KernelShape shape, Backend backend) {
    Graph graph = new Graph();
    PlanBuilder builder = new PlanBuilder(graph, backend);
    List<Value> outputs = shape.trace(graph);
    for (Value value : graph.values()) {
      if (!value.isInput()) {
        continue;
      }
      builder.bind(value, filled(value.type()));
      if (isNarrowed(shape, value.type())) {
        builder.narrow(value, filled(value.type().with(DType.BF16)));
      }
    }
    outputs.forEach(output -> builder.bind(output, place(output.type().bytes())));
    return builder.build();
  }

  private static boolean isNarrowed(KernelShape shape, TensorType input) {
    boolean multiplies =
        shape.op() instanceof Conv2d || shape.op() instanceof Conv2dInputGrad || shape.op() instanceof MatMul;
    return multiplies && shape.type() == DType.BF16 && input.dtype() == DType.F32 && input.shape().rank() > 1;
  }

  private MemorySegment place(long bytes) {
    Region region = memory.allocate("argument", bytes);
    regions.add(region);
    return region.segment();
  }

  private MemorySegment filled(TensorType type) {
    MemorySegment place = place(type.bytes());
    try (Region here = Region.allocate("values", Math.max(1, type.bytes()))) {
      MemorySegment values = here.segment().asSlice(0, type.bytes());
      long drawn = Math.min(DRAWN_BYTES, type.bytes());
      Values.fill(values.asSlice(0, drawn), type.dtype() == DType.BF16);
      for (long done = drawn; done < type.bytes(); done += drawn) {
        long more = Math.min(drawn, type.bytes() - done);
        MemorySegment.copy(values, 0, values, done, more);
      }
      memory.copy(values, place);
    }
    return place;
  }

  /**
   * Seconds of the fastest of several runs, by the device's clock.
   *
   * @param runs at least one; some more come before them
   */
  double seconds(int runs) {
    plan.run(); // libraries load kernels
    double best = Double.POSITIVE_INFINITY;
    for (int i = 0; i < runs; i++) {
      for (int ahead = 0; ahead < AHEAD; ahead++) {
        plan.start();
      }
      double[] sum = new double[1];
      plan.run((info, start, end) -> sum[0] += (end - start) * NANO);
      best = Math.min(best, sum[0]);
    }
    return best;
  }

  @Override
  public void close() {
    plan.close();
    regions.forEach(Region::close);
  }
}
