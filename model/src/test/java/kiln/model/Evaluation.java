package kiln.model;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Value;
import kiln.model.plan.Backend;
import kiln.model.plan.Buffer;
import kiln.model.plan.Plan;
import kiln.model.plan.PlanBuilder;

/** A graph planned for a backend, with Java arrays in and out. */
public final class Evaluation implements AutoCloseable {
  private final Plan plan;

  public Evaluation(Graph graph, Backend backend, Iterable<Value> outputs) {
    PlanBuilder builder = new PlanBuilder(graph, backend);
    outputs.forEach(builder::output);
    plan = builder.build();
  }

  public Evaluation set(Value input, float... values) {
    place(input, values.length, Float.BYTES).copyFrom(MemorySegment.ofArray(values));
    return this;
  }

  public Evaluation set(Value input, short... values) {
    place(input, values.length, Short.BYTES).copyFrom(MemorySegment.ofArray(values));
    return this;
  }

  public Evaluation set(Value input, int... values) {
    place(input, values.length, Integer.BYTES).copyFrom(MemorySegment.ofArray(values));
    return this;
  }

  public Evaluation set(Value input, byte... values) {
    place(input, values.length, Byte.BYTES).copyFrom(MemorySegment.ofArray(values));
    return this;
  }

  private MemorySegment place(Value input, int length, int bytes) {
    MemorySegment place = plan.buffer(input).segment();
    if (place.byteSize() != (long) length * bytes) {
      throw new IllegalArgumentException(input + ": found numElements=" + length);
    }
    return place;
  }

  /** Moves an input to another place, 4 bytes off any alignment, and spoils the place that it had. */
  public Evaluation move(Value input, Arena arena) {
    Buffer buffer = plan.buffer(input);
    MemorySegment old = buffer.segment();
    MemorySegment moved = arena.allocate(old.byteSize() + Float.BYTES, 64).asSlice(Float.BYTES);
    buffer.bind(moved.copyFrom(old));
    old.fill((byte) 0x7f); // large integers, and floats of 3e38
    return this;
  }

  public Evaluation run() {
    plan.run();
    return this;
  }

  /** A float32 or bfloat16 tensor. */
  public float[] get(Value output) {
    MemorySegment place = plan.buffer(output).segment();
    boolean narrow = output.type().dtype() == DType.BF16;
    return narrow ? Bfloat16.widen(place.toArray(ValueLayout.JAVA_SHORT)) : place.toArray(ValueLayout.JAVA_FLOAT);
  }

  public byte[] getBytes(Value output) {
    return plan.buffer(output).segment().toArray(ValueLayout.JAVA_BYTE);
  }

  public int[] getInts(Value output) {
    return plan.buffer(output).segment().toArray(ValueLayout.JAVA_INT);
  }

  @Override
  public void close() {
    plan.close();
  }
}
