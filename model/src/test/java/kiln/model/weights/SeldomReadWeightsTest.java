package kiln.model.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import kiln.model.Backends;
import kiln.model.graph.Graph;
import kiln.model.graph.Initializer;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.op.Ops;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pages of weights that are read once for many runs of a plan. */
class SeldomReadWeightsTest {
  private static final int WIDTH = 512;
  private static final long BYTES = (long) WIDTH * WIDTH * Float.BYTES;
  private static final long SMALL = 256 << 10; // pages that the system maps around those that are read

  @TempDir private Path folder;

  /** Keys are computed from a text and weights whose pages then go; but not if every run reads the weights too. */
  @Test
  void shouldGiveBackThePagesOfWeightsThatOnlyASteadyInputIsMultipliedBy() {
    Parameter w = new Parameter("w", Shape.of(WIDTH, WIDTH), Initializer.ZEROS);
    Path file = folder.resolve("model.safetensors");
    Weights.save(file, new ParameterTable(List.of(w)), "", MemorySegment.ofArray(new float[WIDTH * WIDTH]));
    for (boolean readAlways : new boolean[] {false, true}) {
      Graph graph = new Graph();
      Value x = graph.input("x", TensorType.f32(WIDTH, WIDTH));
      Value text = graph.input("text", TensorType.f32(WIDTH, WIDTH));
      Value key = Ops.matMul(text, graph.parameter(w), false, true);
      Value query = readAlways ? Ops.matMul(x, graph.parameter(w), false, true) : x;
      Value y = Ops.add(query, key);
      try (Backend backend = Backends.open("cpu");
          MappedWeights weights = MappedWeights.open(file, WeightNames.SAME, List.of(w), "")) {
        assertEquals(BYTES, weights.mappedBytes());
        PlanBuilder builder = new PlanBuilder(graph, backend).output(y).steady(text).constant(graph.parameter(w));
        weights.bind(graph, builder);
        try (Plan plan = builder.build()) {
          for (int i = 1; i < 3; i++) {
            fill(plan, x, i);
            fill(plan, text, i);
            plan.steadyInputsChanged();
            plan.run();
            plan.run();
            long resident = SparseWeights.residentBytes(file);
            assertTrue(readAlways ? resident > BYTES - SMALL : resident < SMALL, "resident=" + resident);
            assertEquals(readAlways ? 0 : i, plan.buffer(y).segment().get(ValueLayout.JAVA_FLOAT, 0), "the weights are zeros");
          }
        }
      }
    }
  }

  private static void fill(Plan plan, Value value, float with) {
    float[] values = new float[Math.toIntExact(value.shape().elements())];
    Arrays.fill(values, with);
    plan.buffer(value).segment().copyFrom(MemorySegment.ofArray(values));
  }
}
