package kiln.model.plan;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import kiln.model.graph.DType;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;

/**
 * Memory that a kernel needs only while it runs. It lies in the plan's region like a tensor that is alive during one node, where
 * other tensors lie before and after; buffers reserved here get their place when the plan is complete.
 */
public final class Scratch {
  private record Reservation(Buffer buffer, MemoryPlanner.Block block) {}

  /** Memory of more bytes than an extent can count has several rows of so many. */
  private static final int ROW = 1 << 26;

  private final List<Reservation> reservations = new ArrayList<>();
  private int node;

  /** Reservations from now on are for launches of the plan's node number {@code index}. */
  void forNode(int index) {
    node = index;
  }

  /** At least {@code bytes} bytes for the launch that is being prepared, undefined at its start. */
  public Buffer reserve(long bytes) {
    boolean small = bytes <= ROW;
    Shape shape = small ? Shape.of((int) bytes) : Shape.of(Math.toIntExact(Math.ceilDiv(bytes, ROW)), ROW);
    Buffer buffer = new Buffer(new TensorType(DType.U8, shape));
    reservations.add(new Reservation(buffer, new MemoryPlanner.Block(buffer.type().bytes(), node)));
    return buffer;
  }

  List<MemoryPlanner.Block> blocks() {
    return reservations.stream().map(Reservation::block).toList();
  }

  /** Binds all reservations to where their blocks have been placed in {@code region}. */
  void place(MemorySegment region) {
    for (Reservation r : reservations) {
      r.buffer.bind(region.asSlice(r.block.offset, r.buffer.type().bytes()));
    }
  }
}
