package kiln.collectives;

import java.lang.foreign.MemorySegment;
import kiln.bindings.cuda.DeviceMemory;

/**
 * What the ranks of a communicator do together, as a value: checked once, here, for every transport; described in the same
 * words in errors and records. All ranks must agree on everything except the addresses.
 *
 * <p>{@code count} is the number of elements of the whole, never of a share. Memory is that of this process, or a device's ({@link
 * DeviceMemory}) where the transport takes that; input and output are of the same kind.
 *
 * @see Communicator for what each does
 */
public sealed interface Collective {
  /** Elements that all ranks must agree on. */
  long count();

  ElementType type();

  /** As the method of {@link Communicator} is called. */
  String name();

  /**
   * Whether it is about memory of a device.
   *
   * @throws IllegalArgumentException if only one of input and output is
   */
  default boolean isOnDevice() {
    return switch (this) {
      case AllReduce c -> areOnDevice(c.input, c.output);
      case ReduceScatter c -> areOnDevice(c.input, c.output);
      case AllGather c -> areOnDevice(c.input, c.output);
      case Broadcast c -> DeviceMemory.isDevice(c.data);
      case Barrier _ -> false;
    };
  }

  private static boolean areOnDevice(MemorySegment input, MemorySegment output) {
    boolean isOnDevice = DeviceMemory.isDevice(input);
    if (DeviceMemory.isDevice(output) != isOnDevice) {
      throw new IllegalArgumentException("input and output: expected both or none in memory of a device");
    }
    return isOnDevice;
  }

  /** Size of the whole in bytes. */
  default long bytes() {
    return count() * type().bytes();
  }

  /** {@code input} and {@code output}: count elements each, the same memory or disjoint. */
  record AllReduce(MemorySegment input, MemorySegment output, long count, ElementType type, Reduction reduction)
      implements Collective {
    public AllReduce {
      check("input", input, count, type);
      check("output", output, count, type);
    }

    @Override
    public String name() {
      return "allReduce";
    }
  }

  /** {@code input}: count elements; {@code output}: this rank's {@link Shard}, inside the input at its place or disjoint. */
  record ReduceScatter(MemorySegment input, MemorySegment output, long count, ElementType type, Reduction reduction)
      implements Collective {
    public ReduceScatter {
      check("input", input, count, type);
      check("output", output, 0, type);
    }

    @Override
    public String name() {
      return "reduceScatter";
    }
  }

  /** {@code input}: this rank's {@link Shard}; {@code output}: count elements, the input inside it at its place or disjoint. */
  record AllGather(MemorySegment input, MemorySegment output, long count, ElementType type) implements Collective {
    public AllGather {
      check("input", input, 0, type);
      check("output", output, count, type);
    }

    @Override
    public String name() {
      return "allGather";
    }
  }

  /** {@code data}: count elements. */
  record Broadcast(MemorySegment data, long count, ElementType type, int root) implements Collective {
    public Broadcast {
      check("data", data, count, type);
    }

    @Override
    public String name() {
      return "broadcast";
    }
  }

  /** Moves nothing. */
  record Barrier() implements Collective {
    @Override
    public long count() {
      return 0;
    }

    @Override
    public ElementType type() {
      return ElementType.I32;
    }

    @Override
    public String name() {
      return "barrier";
    }
  }

  private static void check(String name, MemorySegment segment, long count, ElementType type) {
    if (!segment.isNative()) {
      throw new IllegalArgumentException(name + " must be native memory, found " + segment);
    }
    if (count < 0 || segment.address() % type.bytes() != 0) {
      throw new IllegalArgumentException(name + ": " + type + ", count=" + count + ", address=" + segment.address());
    }
  }
}
