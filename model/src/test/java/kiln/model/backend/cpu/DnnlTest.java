package kiln.model.backend.cpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import kiln.model.Bfloat16;
import kiln.model.backend.reference.ReferenceBackend;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.op.Conv2d;
import kiln.model.op.ConvGeometry;
import kiln.model.op.MatMul;
import kiln.model.op.Op;
import kiln.model.plan.Backend;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;
import org.junit.jupiter.api.Test;

class DnnlTest {
  @Test
  void shouldFollowInputsThatAreBoundAnew() {
    Graph graph = new Graph();
    Value a = graph.input("a", TensorType.f32(1, 2));
    Value b = graph.input("b", TensorType.f32(2, 1));
    Value c = graph.apply(new MatMul(false, false), a, b);
    try (Arena arena = Arena.ofConfined();
        Backend backend = new CpuBackend();
        Plan plan = new PlanBuilder(graph, backend).output(c).build()) {
      plan.buffer(b).segment().copyFrom(MemorySegment.ofArray(new float[] {10, 1}));
      float[][] rows = {{1, 2}, {3, 4}, {1, 2}};
      for (float[] row : rows) {
        plan.buffer(a).bind(arena.allocateFrom(JAVA_FLOAT, row));
        plan.run();
        assertArrayEquals(new float[] {10 * row[0] + row[1]}, plan.buffer(c).segment().toArray(JAVA_FLOAT));
      }
    }
  }

  @Test
  void shouldConvolveKnownValues() {
    // A 2x2 map of two channels; the window sums channel 0 of a place and its right neighbour, padded on the right only.
    Graph graph = new Graph();
    Value x = graph.input("x", TensorType.f32(1, 2, 2, 2));
    Value w = graph.input("w", TensorType.f32(1, 2, 1, 2));
    Value bias = graph.input("bias", TensorType.f32(1));
    Value y = graph.apply(new Conv2d(new ConvGeometry(1, 1, 1, 1, 1, 0, 0, 0, 1)), x, w, bias);
    try (Backend backend = new CpuBackend();
        Plan plan = new PlanBuilder(graph, backend).output(y).build()) {
      plan.buffer(x).segment().copyFrom(MemorySegment.ofArray(new float[] {1, 9, 2, 9, 3, 9, 4, 9}));
      plan.buffer(w).segment().copyFrom(MemorySegment.ofArray(new float[] {1, 1, 0, 0}));
      plan.buffer(bias).segment().copyFrom(MemorySegment.ofArray(new float[] {0.5f}));
      plan.run();
      assertArrayEquals(new float[] {3.5f, 2.5f, 7.5f, 4.5f}, plan.buffer(y).segment().toArray(JAVA_FLOAT));
    }
  }

  @Test
  void shouldAddFloat32BiasesToBfloat16() {
    TensorType bias = TensorType.f32(40);
    for (int rows : new int[] {3, 16, 70}) {
      TensorType x = new TensorType(DType.BF16, Shape.of(rows, 24));
      shouldMatchReference(new MatMul(false, true), List.of(x, TensorType.f32(40, 24), bias));
    }
    for (int size : new int[] {2, 4, 9}) {
      TensorType x = new TensorType(DType.BF16, Shape.of(1, size, size, 8));
      shouldMatchReference(new Conv2d(ConvGeometry.square(1, 1)), List.of(x, TensorType.f32(40, 8, 3, 3), bias));
    }
  }

  @Test
  void shouldKeepConstantWeightsThatItHasPacked() {
    TensorType small = new TensorType(DType.BF16, Shape.of(16, 24));
    shouldKeepPacked(new MatMul(false, true), small, TensorType.f32(40, 24));
    TensorType large = new TensorType(DType.BF16, Shape.of(70, 24));
    shouldKeepPacked(new MatMul(false, true), large, TensorType.f32(40, 24));
    Conv2d conv = new Conv2d(ConvGeometry.square(1, 1));
    shouldKeepPacked(conv, TensorType.f32(1, 9, 9, 16), TensorType.f32(32, 16, 3, 3));
    shouldKeepPacked(conv, new TensorType(DType.BF16, Shape.of(1, 4, 4, 16)), TensorType.f32(32, 16, 3, 3));
  }

  private static void shouldKeepPacked(Op op, TensorType x, TensorType weight) {
    float[] expected = run(new CpuBackend(), op, List.of(x, weight)).getFirst();
    Graph graph = new Graph();
    Value input = graph.input("x", x);
    Value w = graph.input("weight", weight);
    Value y = graph.apply(op, input, w);
    try (Backend backend = new CpuBackend();
        Plan plan = new PlanBuilder(graph, backend).output(y).constant(w).build()) {
      long bytes = new PlanBuilder(graph, backend).output(y).constant(w).measure();
      assertEquals(plan.bytes(), bytes, op + " plan bytes as measured");
      assertTrue(new PlanBuilder(graph, backend).output(y).constant(w).outline().kept() > 0, op + " keeps something");
      Random random = new Random(7);
      fill(input, plan, random);
      fill(w, plan, random);
      plan.run();
      plan.buffer(w).segment().fill((byte) 0); // against the contract, to see that it is not read again
      plan.run();
      assertArrayEquals(expected, floats(y, plan.buffer(y).segment()), 0x1p-7f, op.toString());
    }
  }

  private static void shouldMatchReference(Op op, List<TensorType> inputs) {
    List<float[]> expected = run(new ReferenceBackend(), op, inputs);
    List<float[]> actual = run(new CpuBackend(), op, inputs);
    float tolerance = inputs.getFirst().dtype() == DType.BF16 ? 0x1p-7f : 1e-4f;
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), actual.get(i), tolerance, op + " output " + i);
    }
  }

  private static List<float[]> run(Backend backend, Op op, List<TensorType> types) {
    Graph graph = new Graph();
    List<Value> outputs = graph.apply(op, types.stream().map(type -> graph.input("input", type)).toList());
    PlanBuilder builder = new PlanBuilder(graph, backend);
    outputs.forEach(builder::output);
    List<float[]> results = new ArrayList<>();
    try (backend;
        Plan plan = builder.build()) {
      Random random = new Random(7);
      graph.values().stream().filter(Value::isInput).forEach(input -> fill(input, plan, random));
      plan.run();
      outputs.forEach(output -> results.add(floats(output, plan.buffer(output).segment())));
    }
    return results;
  }

  private static float[] floats(Value value, MemorySegment place) {
    return value.type().dtype() == DType.BF16 ? Bfloat16.widen(place.toArray(JAVA_SHORT)) : place.toArray(JAVA_FLOAT);
  }

  private static void fill(Value input, Plan plan, Random random) {
    MemorySegment place = plan.buffer(input).segment();
    for (long i = 0; i < input.shape().elements(); i++) {
      float value = random.nextFloat() - 0.5f;
      switch (input.type().dtype()) {
        case F32 -> place.setAtIndex(JAVA_FLOAT, i, value);
        case BF16 -> place.setAtIndex(JAVA_SHORT, i, Bfloat16.narrow(new float[] {value})[0]);
        case I32 -> place.setAtIndex(JAVA_INT, i, random.nextInt(2));
        case U8 -> place.set(JAVA_BYTE, i, (byte) random.nextInt(256));
      }
    }
  }
}
