package kiln.collectives;

import java.lang.foreign.MemorySegment;

/** What transports require of the segments of an operation. */
public final class HostMemory {
  private HostMemory() {}

  /**
   * For transports that read and write memory of this process: as {@link #checkSizes}.
   *
   * @throws IllegalArgumentException also if it is about memory of a device
   */
  public static void check(Collective collective, int rank, int size) {
    if (collective.isOnDevice()) {
      throw new IllegalArgumentException(collective.name() + ": expected memory of this process, found that of a device");
    }
    checkSizes(collective, rank, size);
  }

  /**
   * @throws IllegalArgumentException if a segment is too small, if input and output overlap otherwise than {@link Collective}
   *     allows, or if there is no such root
   */
  public static void checkSizes(Collective collective, int rank, int size) {
    switch (collective) {
      case Collective.AllReduce c -> {
        require("input", c.input(), c.bytes());
        require("output", c.output(), c.bytes());
        requireSameOrDisjoint(c.input().address(), c.bytes(), 0, c.output().address(), c.bytes());
      }
      case Collective.ReduceScatter c -> {
        Shard share = Shard.of(c.count(), rank, size);
        long bytes = share.count() * c.type().bytes();
        long place = share.offset() * c.type().bytes();
        require("input", c.input(), c.bytes());
        require("output", c.output(), bytes);
        requireSameOrDisjoint(c.input().address(), c.bytes(), place, c.output().address(), bytes);
      }
      case Collective.AllGather c -> {
        Shard share = Shard.of(c.count(), rank, size);
        long bytes = share.count() * c.type().bytes();
        long place = share.offset() * c.type().bytes();
        require("input", c.input(), bytes);
        require("output", c.output(), c.bytes());
        requireSameOrDisjoint(c.output().address(), c.bytes(), place, c.input().address(), bytes);
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

  private static void require(String name, MemorySegment segment, long bytes) {
    if (segment.byteSize() < bytes) {
      throw new IllegalArgumentException(name + ": expected " + bytes + " bytes, found " + segment.byteSize());
    }
  }

  /** Compares addresses: slices would be garbage at every operation. */
  private static void requireSameOrDisjoint(long whole, long wholeBytes, long offset, long part, long partBytes) {
    boolean overlap = Math.max(whole, part) < Math.min(whole + wholeBytes, part + partBytes);
    if (overlap && part != whole + offset) {
      throw new IllegalArgumentException(
          "input and output overlap, but not in place: " + wholeBytes + " bytes at " + whole + ", " + partBytes + " at " + part);
    }
  }
}
