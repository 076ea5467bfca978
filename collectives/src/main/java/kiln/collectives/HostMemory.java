package kiln.collectives;

import java.lang.foreign.MemorySegment;

/** What transports that read and write the host's memory require of the segments of an operation. */
public final class HostMemory {
  private HostMemory() {}

  /**
   * @throws IllegalArgumentException if a segment is too small, if input and output overlap otherwise than {@link Collective}
   *     allows, or if there is no such root
   */
  public static void check(Collective collective, int rank, int size) {
    switch (collective) {
      case Collective.AllReduce c -> {
        MemorySegment input = require("input", c.input(), c.bytes());
        MemorySegment output = require("output", c.output(), c.bytes());
        requireSameOrDisjoint(input, 0, output);
      }
      case Collective.ReduceScatter c -> {
        Shard share = Shard.of(c.count(), rank, size);
        MemorySegment input = require("input", c.input(), c.bytes());
        MemorySegment output = require("output", c.output(), share.count() * c.type().bytes());
        requireSameOrDisjoint(input, share.offset() * c.type().bytes(), output);
      }
      case Collective.AllGather c -> {
        Shard share = Shard.of(c.count(), rank, size);
        MemorySegment input = require("input", c.input(), share.count() * c.type().bytes());
        MemorySegment output = require("output", c.output(), c.bytes());
        requireSameOrDisjoint(output, share.offset() * c.type().bytes(), input);
      }
      case Collective.Broadcast c -> {
        require("data", c.data(), c.bytes());
        if (c.root() < 0 || c.root() >= size) {
          throw new IllegalArgumentException("root: expected 0 to " + (size - 1) + ", found " + c.root());
        }
      }
      case Collective.Barrier c -> {}
    }
  }

  private static MemorySegment require(String name, MemorySegment segment, long bytes) {
    if (segment.byteSize() < bytes) {
      throw new IllegalArgumentException(name + ": expected " + bytes + " bytes, found " + segment.byteSize());
    }
    return segment.asSlice(0, bytes);
  }

  private static void requireSameOrDisjoint(MemorySegment whole, long offset, MemorySegment part) {
    if (whole.asOverlappingSlice(part).isPresent() && part.address() != whole.address() + offset) {
      throw new IllegalArgumentException("input and output overlap, but not in place: " + whole + ", " + part);
    }
  }
}
