package kiln.bench;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import kiln.model.backend.cpu.CpuBackend;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Value;
import kiln.model.plan.Backend;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;

/** A traced case on the CPU backend, its inputs filled with random numbers, whatever they mean to the operation. */
final class CasePlan implements AutoCloseable {
  private final Backend backend = new CpuBackend();
  private final Plan plan;

  /**
   * @param trace from a graph to the outputs that are wanted
   * @param numbers what the inputs are filled with
   */
  CasePlan(Function<Graph, List<Value>> trace, ToDoubleFunction<Random> numbers) {
    Graph graph = new Graph();
    PlanBuilder builder = new PlanBuilder(graph, backend);
    trace.apply(graph).forEach(builder::output);
    plan = builder.build();
    Random random = new Random(1);
    for (Value value : graph.values()) {
      if (value.isInput()) {
        boolean narrow = value.type().dtype() == DType.BF16;
        fill(plan.buffer(value).segment(), narrow, numbers, random);
      }
    }
  }

  private static void fill(MemorySegment segment, boolean narrow, ToDoubleFunction<Random> numbers, Random random) {
    for (long i = 0; i < segment.byteSize(); i += narrow ? Short.BYTES : Float.BYTES) {
      float number = (float) numbers.applyAsDouble(random);
      if (narrow) {
        segment.set(JAVA_SHORT, i, (short) (Float.floatToRawIntBits(number) >>> 16));
      } else {
        segment.set(JAVA_FLOAT, i, number);
      }
    }
  }

  void run() {
    plan.run();
  }

  @Override
  public void close() {
    plan.close();
    backend.close();
  }
}
