package kiln.model.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kiln.model.autodiff.Autodiff;
import kiln.model.backend.reference.ReferenceBackend;
import kiln.model.graph.Graph;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.op.Broadcast;
import kiln.model.op.Ops;
import kiln.model.op.Unary;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PlanTest {
  private final Arena arena = Arena.ofConfined();
  private final Graph graph = new Graph();
  private final PlanBuilder builder = new PlanBuilder(graph, new ReferenceBackend());

  @AfterEach
  void close() {
    arena.close();
  }

  private MemorySegment floats(float... values) {
    return arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
  }

  private static float[] read(MemorySegment segment) {
    return segment.toArray(ValueLayout.JAVA_FLOAT);
  }

  private static float[] read(Plan plan, Value value) {
    return read(plan.buffer(value).segment());
  }

  @Test
  void shouldReadAnInputWhereItIsBoundAnew() {
    Value x = graph.input("x", TensorType.f32(6));
    Value view = Ops.reshape(x, Shape.of(2, 3));
    Value sums = Ops.sum(view, 1, 2);
    try (Plan plan = builder.output(sums).output(view).build()) {
      for (float first : new float[] {1, 10}) {
        MemorySegment record = floats(first, 2, 3, 4, 5, 6);
        plan.buffer(x).bind(record);
        plan.run();
        assertArrayEquals(new float[] {first + 5, 15}, read(plan, sums));
        assertEquals(record.address(), plan.buffer(view).segment().address());
      }
    }
  }

  @Test
  void shouldComputeABoundOutputInItsPlace() {
    Value x = graph.input("x", TensorType.f32(3));
    Value y = Ops.reshape(Ops.scale(x, 2), Shape.of(3, 1));
    MemorySegment place = floats(0, 0, 0);
    try (Plan plan = builder.bind(x, floats(1, 2, 3)).bind(y, place).build()) {
      plan.run();
      assertArrayEquals(new float[] {2, 4, 6}, read(place));
      assertEquals(place.address(), plan.buffer(y).segment().address());
      assertEquals(1, plan.numLaunches());
    }
  }

  @Test
  void shouldFillBothPlacesOfASharedGradient() {
    Value a = graph.input("a", TensorType.f32(2));
    Value b = graph.input("b", TensorType.f32(2));
    Value loss = Ops.reshape(Ops.sum(Ops.unary(Unary.Function.SQUARE, Ops.add(a, b)), 0, 1), Shape.SCALAR);
    Map<Value, Value> gradients = Autodiff.gradients(loss, List.of(a, b));
    MemorySegment first = floats(0, 0);
    MemorySegment second = floats(0, 0);
    builder.bind(a, floats(1, 2)).bind(b, floats(3, 4));
    builder.bind(gradients.get(a), first).bind(gradients.get(b), second);
    try (Plan plan = builder.build()) {
      plan.run();
      assertArrayEquals(new float[] {8, 12}, read(first));
      assertArrayEquals(new float[] {8, 12}, read(second));
    }
  }

  @Test
  void shouldAddASharedGradientToWhatIsInBothPlaces() {
    Value x = graph.input("x", TensorType.f32(2));
    Value y = Ops.scale(x, 2);
    MemorySegment first = floats(10, 20);
    MemorySegment second = floats(30, 40);
    List<Float> events = new ArrayList<>();
    builder.bind(x, floats(1, 2)).accumulate(y, first).accumulate(y, second);
    builder.after(y, () -> events.add(second.get(ValueLayout.JAVA_FLOAT, 0)));
    try (Plan plan = builder.build()) {
      plan.run();
      plan.run();
      assertArrayEquals(new float[] {14, 28}, read(first));
      assertArrayEquals(new float[] {34, 48}, read(second));
      assertEquals(List.of(32f, 34f), events);
    }
  }

  @Test
  void shouldFillThePlacesOfAValueAndOfItsViews() {
    Value x = graph.input("x", TensorType.f32(2));
    Value y = Ops.scale(x, 3);
    Value view = Ops.reshape(y, Shape.of(2, 1));
    Value inputView = Ops.reshape(x, Shape.of(1, 2));
    MemorySegment[] places = {floats(0, 0), floats(0, 0), floats(0, 0)};
    builder.bind(x, floats(1, 2)).bind(y, places[0]).bind(view, places[1]).bind(inputView, places[2]);
    try (Plan plan = builder.build()) {
      plan.run();
      assertArrayEquals(new float[] {3, 6}, read(places[0]));
      assertArrayEquals(new float[] {3, 6}, read(places[1]));
      assertArrayEquals(new float[] {1, 2}, read(places[2]));
      assertEquals(places[1].address(), plan.buffer(view).segment().address());
      assertEquals(places[2].address(), plan.buffer(inputView).segment().address());
    }
  }

  @Test
  void shouldRunWhatIsAskedForRightAfterAValue() {
    Value x = graph.input("x", TensorType.f32(1));
    Value y = Ops.scale(x, 2);
    Value z = Ops.scale(y, 2);
    List<String> events = new ArrayList<>();
    MemorySegment yPlace = floats(0);
    MemorySegment zPlace = floats(0);
    builder.bind(x, floats(1)).bind(y, yPlace).bind(z, zPlace);
    builder.after(z, () -> events.add("z=" + zPlace.get(ValueLayout.JAVA_FLOAT, 0)));
    builder.after(y, () -> events.add("y=" + read(yPlace)[0] + " z=" + read(zPlace)[0]));
    builder.after(y, () -> events.add("again"));
    try (Plan plan = builder.build()) {
      plan.run();
      assertEquals(List.of("y=2.0 z=0.0", "again", "z=4.0"), events);
    }
  }

  @Test
  void shouldProtectWhatIsReadLaterFromWhatRunsAfterIt() {
    Value x = graph.input("x", TensorType.f32(2));
    Value y = Ops.scale(x, 2);
    Value z = Ops.affine(y, 1, 1);
    MemorySegment place = floats(0, 0);
    builder.bind(x, floats(1, 2)).bind(y, place).output(z);
    builder.after(y, () -> place.fill((byte) 0)); // as a collective that works in place may
    try (Plan plan = builder.build()) {
      plan.run();
      assertArrayEquals(new float[] {0, 0}, read(place));
      assertArrayEquals(new float[] {3, 5}, read(plan, z));
    }
  }

  @Test
  void shouldLeaveOutWhatNoOutputNeeds() {
    Value x = graph.input("x", TensorType.f32(1));
    Value y = Ops.scale(x, 2);
    Ops.scale(Ops.scale(y, 3), 4);
    try (Plan plan = builder.output(y).build()) {
      assertEquals(1, plan.numLaunches());
    }
  }

  @Test
  void shouldReuseTheMemoryOfIntermediates() {
    Value x = graph.input("x", TensorType.f32(32, 32));
    Value y = x;
    for (int i = 0; i < 10; i++) {
      y = Ops.permute(y, 1, 0);
    }
    try (Plan plan = builder.output(y).build()) {
      assertEquals(3 * 4096, plan.bytes(), "an input that stays and two intermediates that take turns");
      checkFirst(plan, x, y, 1);
    }
  }

  @Test
  void shouldWriteOverWhatIsReadForTheLastTime() {
    Value x = graph.input("x", TensorType.f32(1024));
    Value y = x;
    for (int i = 0; i < 10; i++) {
      y = Ops.scale(Ops.reshape(y, Shape.of(i + 1 == 10 ? 1024 : 512, i + 1 == 10 ? 1 : 2)), 2);
    }
    try (Plan plan = builder.output(y).build()) {
      assertEquals(2 * 4096, plan.bytes(), "an input that stays and one intermediate that changes");
      checkFirst(plan, x, y, 1024);
    }
  }

  private static void checkFirst(Plan plan, Value x, Value y, float expected) {
    plan.buffer(x).segment().fill((byte) 0);
    plan.buffer(x).segment().set(ValueLayout.JAVA_FLOAT, 0, 1);
    plan.run();
    plan.run();
    assertEquals(expected, read(plan, y)[0]);
    assertEquals(1, read(plan, x)[0]);
  }

  /** Neither an input, nor an output, nor a place of the caller's, nor what is read again, nor what has another size. */
  @Test
  void shouldNotWriteOverWhatIsStillWanted() {
    Value x = graph.input("x", TensorType.f32(4));
    Value first = Ops.scale(x, 2);
    Value kept = Ops.scale(first, 3);
    Value bound = Ops.scale(kept, 5);
    Value again = Ops.scale(bound, 7);
    Value sum = Ops.add(Ops.scale(again, 11), Ops.reshape(again, Shape.of(4)));
    Value wide = Ops.add(graph.apply(new Broadcast(Shape.of(3, 4)), sum), sum);
    MemorySegment place = floats(0, 0, 0, 0);
    try (Plan plan = builder.output(kept).bind(bound, place).output(wide).build()) {
      plan.buffer(x).segment().copyFrom(floats(1, 2, 3, 4));
      for (int i = 0; i < 2; i++) {
        plan.run();
        assertArrayEquals(new float[] {1, 2, 3, 4}, read(plan, x));
        assertArrayEquals(new float[] {6, 12, 18, 24}, read(plan, kept));
        assertArrayEquals(new float[] {30, 60, 90, 120}, read(place));
        assertEquals(2 * 12 * 210, read(plan, wide)[0]);
        assertEquals(2 * 12 * 840, read(plan, wide)[11]);
      }
    }
  }

  /** The square of x, twice read by one node, and what an output is a view of. */
  @Test
  void shouldNotWriteOverWhatIsReadTwiceOrViewed() {
    Value x = graph.input("x", TensorType.f32(2));
    Value y = Ops.scale(x, 3);
    Value square = Ops.mul(y, y);
    Value z = Ops.scale(square, 1);
    Value view = Ops.reshape(z, Shape.of(2, 1));
    Value last = Ops.scale(z, -1);
    try (Plan plan = builder.bind(x, floats(1, 2)).output(view).output(last).build()) {
      plan.run();
      assertArrayEquals(new float[] {9, 36}, read(plan, view));
      assertArrayEquals(new float[] {-9, -36}, read(plan, last));
    }
  }

  @Test
  void shouldTellTheProfilerOfEveryLaunch() {
    Value x = graph.input("x", TensorType.f32(1));
    Value y = graph.scoped("block", () -> Ops.scale(x, 2));
    List<LaunchInfo> launched = new ArrayList<>();
    try (Plan plan = builder.output(y).build()) {
      plan.run((info, start, end) -> {
        assertTrue(start <= end);
        launched.add(info);
      });
      assertEquals(List.of(new LaunchInfo("Affine", "block", 0, 8)), launched);
    }
  }

  @Test
  void shouldRefuseWhatCannotBePlanned() {
    Value x = graph.input("x", TensorType.f32(2));
    Value y = Ops.scale(x, 2);
    Value stranger = new Graph().input("stranger", TensorType.f32(2));
    assertThrows(IllegalArgumentException.class, () -> builder.output(stranger));
    assertThrows(IllegalArgumentException.class, () -> builder.bind(stranger, floats(1, 2)));
    assertMessage("needs 8 bytes, found 4", new PlanBuilder(graph, new ReferenceBackend()).bind(y, floats(1)));
    assertMessage("bound twice", new PlanBuilder(graph, new ReferenceBackend()).bind(x, floats(1, 2)).bind(x, floats(1, 2)));
    assertMessage("nothing computes it", new PlanBuilder(graph, new ReferenceBackend()).output(y).after(x, () -> {}));
    try (Plan plan = builder.output(Ops.scale(y, 2)).build()) {
      IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> plan.buffer(y));
      assertTrue(e.getMessage().contains("neither an input nor an output"), e.getMessage());
      IllegalArgumentException size = assertThrows(IllegalArgumentException.class, () -> plan.buffer(x).bind(floats(1, 2, 3)));
      assertTrue(size.getMessage().contains("needs 8 bytes, found 12"), size.getMessage());
    }
  }

  private static void assertMessage(String part, PlanBuilder builder) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> builder.build().close());
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }
}
