package kiln.model.plan;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import kiln.model.graph.DType;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;

/**
 * Memory that a kernel needs only while it runs. Launches run one after another, so all of them share one area, as large as the
 * hungriest needs; buffers reserved here get their place when the plan is complete.
 */
public final class Scratch {
  private static final int ALIGNMENT = 64;

  private record Reservation(Buffer buffer, long offset) {}

  private final List<Reservation> reservations = new ArrayList<>();
  private long used;
  private long bytes;

  /** Starts the reservations of the next launch. */
  void nextLaunch() {
    used = 0;
  }

  /** {@code bytes} bytes for the launch that is being prepared, undefined at its start. */
  public Buffer reserve(long bytes) {
    Buffer buffer = new Buffer(new TensorType(DType.U8, Shape.of(Math.toIntExact(bytes))));
    reservations.add(new Reservation(buffer, used));
    used += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    this.bytes = Math.max(this.bytes, used);
    return buffer;
  }

  long bytes() {
    return bytes;
  }

  void place(MemorySegment area) {
    for (Reservation r : reservations) {
      r.buffer.bind(area.asSlice(r.offset, r.buffer.type().bytes()));
    }
  }
}
