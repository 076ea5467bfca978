package kiln.model.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import kiln.model.backend.reference.ReferenceBackend;
import kiln.model.graph.Graph;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.op.Ops;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SteadyInputsTest {
  private final Arena arena = Arena.ofConfined();
  private final Graph graph = new Graph();
  private final PlanBuilder builder = new PlanBuilder(graph, new ReferenceBackend());
  private final Value x = graph.input("x", TensorType.f32(2));
  private final Value weight = graph.input("weight", TensorType.f32(2));
  private final Value text = graph.input("text", TensorType.f32(2));

  @AfterEach
  void close() {
    arena.close();
  }

  private static void set(Plan plan, Value value, float... values) {
    plan.buffer(value).segment().copyFrom(MemorySegment.ofArray(values));
  }

  /** Runs and compares, and counts launches. */
  private static int run(Plan plan, Value output, float... expected) {
    List<LaunchInfo> launched = new ArrayList<>();
    plan.run((info, start, end) -> launched.add(info));
    assertArrayEquals(expected, plan.buffer(output).segment().toArray(ValueLayout.JAVA_FLOAT));
    return launched.size();
  }

  /** Two products and a view follow from the steady inputs, the other three launches also from x. */
  private Value network() {
    Value first = Ops.scale(x, 3);
    Value key = Ops.mul(Ops.scale(text, 2), weight); // the scaled text is not kept
    Value seen = Ops.add(first, Ops.reshape(Ops.reshape(key, Shape.of(2, 1)), Shape.of(2)));
    return Ops.scale(seen, 10);
  }

  @Test
  void shouldComputeOnceWhatFollowsFromSteadyInputs() {
    Value y = network();
    try (Plan plan = builder.constant(weight).steady(text).output(y).build()) {
      set(plan, weight, 5, 7);
      set(plan, text, 1, 2);
      set(plan, x, 1, 1);
      assertEquals(5, run(plan, y, 130, 310));
      set(plan, x, 2, 2);
      assertEquals(3, run(plan, y, 160, 340));
      assertEquals(3, run(plan, y, 160, 340));
      set(plan, text, 2, 1);
      plan.steadyInputsChanged();
      assertEquals(5, run(plan, y, 260, 200));
      set(plan, x, 1, 1);
      plan.run();
      assertEquals(3, run(plan, y, 230, 170));
      assertEquals(5, plan.numLaunches());
    }
  }

  @Test
  void shouldComputeEverythingInEveryRunWithoutSteadyInputs() {
    Value y = network();
    try (Plan plan = builder.constant(weight).constant(text).output(y).build()) {
      set(plan, weight, 5, 7);
      set(plan, text, 1, 2);
      set(plan, x, 1, 1);
      assertEquals(5, run(plan, y, 130, 310));
      assertEquals(5, run(plan, y, 130, 310));
    }
  }

  /** An output that follows from steady inputs alone stays too, and so does a steady input that is an output's view. */
  @Test
  void shouldKeepOutputsThatFollowFromSteadyInputs() {
    Value doubled = Ops.scale(text, 2);
    Value view = Ops.reshape(text, Shape.of(1, 2));
    Value y = Ops.mul(Ops.mul(x, doubled), doubled);
    try (Plan plan = builder.steady(text).output(doubled).output(view).output(y).build()) {
      set(plan, text, 1, 2);
      for (int i = 1; i < 4; i++) {
        set(plan, x, i, i);
        run(plan, y, 4 * i, 16 * i);
        assertArrayEquals(new float[] {2, 4}, plan.buffer(doubled).segment().toArray(ValueLayout.JAVA_FLOAT));
        assertArrayEquals(new float[] {1, 2}, plan.buffer(view).segment().toArray(ValueLayout.JAVA_FLOAT));
      }
    }
  }

  /** Plans that run one after another lie in the same memory. */
  @Test
  void shouldRunInMemoryThatOtherPlansUseBetween() {
    Value y = network();
    long bytes = new PlanBuilder(graph, new ReferenceBackend()).steady(text).output(y).outline().regionBytes();
    MemorySegment memory = arena.allocate(bytes, 64);
    try (Plan one = builder.steady(text).output(y).build(memory);
        Plan other = new PlanBuilder(graph, new ReferenceBackend()).output(y).build(memory)) {
      assertEquals(0, one.bytes(), "it owns nothing");
      for (int i = 0; i < 2; i++) {
        one.steadyInputsChanged();
        set(one, weight, 5, 7);
        set(one, text, 1, 2);
        set(one, x, 1, 1);
        assertEquals(5, run(one, y, 130, 310));
        memory.fill((byte) -1);
        set(other, weight, 1, 1);
        set(other, text, 1, 1);
        set(other, x, 1, 1);
        run(other, y, 50, 50);
      }
    }
  }
}
