package kiln.collectives.nccl;

import java.lang.foreign.MemorySegment;
import kiln.bindings.cuda.CudaStream;
import kiln.bindings.cuda.DeviceMemory;
import kiln.bindings.cuda.NcclCommunicator;
import kiln.bindings.cuda.NcclReduction;
import kiln.bindings.cuda.NcclType;
import kiln.collectives.Collective;
import kiln.collectives.ElementType;
import kiln.collectives.Reduction;
import kiln.collectives.Shard;

/**
 * Operations by NCCL. Its ranks all have as much: where shares are not equal, an operation is a group of such of one root each,
 * which NCCL runs as one.
 */
final class NcclOperations {
  private final NcclCommunicator nccl;
  private final CudaStream stream;
  private final int rank;
  private final int size;

  NcclOperations(NcclCommunicator nccl, CudaStream stream) {
    this.nccl = nccl;
    this.stream = stream;
    this.rank = nccl.rank();
    this.size = nccl.size();
  }

  /**
   * Whether NCCL does it as {@link Reduction} says: it loses what is not a number in the least and the most of numbers, and does not
   * say how it rounds averages of integers.
   */
  static boolean does(Collective collective) {
    return switch (collective) {
      case Collective.AllReduce c -> does(c.type(), c.reduction());
      case Collective.ReduceScatter c -> does(c.type(), c.reduction());
      case Collective.AllGather _, Collective.Broadcast _ -> true;
      case Collective.Barrier _ -> false;
    };
  }

  private static boolean does(ElementType type, Reduction reduction) {
    boolean isInteger = type == ElementType.I32 || type == ElementType.I64;
    return switch (reduction) {
      case SUM -> true;
      case AVERAGE -> !isInteger;
      case MAX, MIN -> isInteger;
    };
  }

  /** Queues an operation that NCCL {@link #does}. */
  void queue(Collective collective) {
    if (collective.count() == 0) {
      return;
    }
    switch (collective) {
      case Collective.AllReduce c ->
          nccl.allReduce(
              memory(c.input(), c.bytes()), memory(c.output(), c.bytes()), type(c.type()), reduction(c.reduction()), stream);
      case Collective.ReduceScatter c -> reduceScatter(c);
      case Collective.AllGather c -> allGather(c);
      case Collective.Broadcast c -> nccl.broadcast(memory(c.data(), c.bytes()), type(c.type()), c.root(), stream);
      case Collective.Barrier _ -> throw new IllegalArgumentException("a barrier is not of a device");
    }
  }

  private void reduceScatter(Collective.ReduceScatter c) {
    int width = c.type().bytes();
    NcclType type = type(c.type());
    NcclReduction reduction = reduction(c.reduction());
    DeviceMemory input = memory(c.input(), c.bytes());
    DeviceMemory output = memory(c.output(), Shard.of(c.count(), rank, size).count() * width);
    if (c.count() % size == 0) {
      nccl.reduceScatter(input, output, type, reduction, stream);
      return;
    }
    nccl.group(
        () -> {
          for (int root = 0; root < size; root++) {
            Shard share = Shard.of(c.count(), root, size);
            if (share.count() > 0) {
              DeviceMemory part = input.slice(share.offset() * width, share.count() * width);
              nccl.reduce(part, root == rank ? output : part, type, reduction, root, stream);
            }
          }
        });
  }

  private void allGather(Collective.AllGather c) {
    int width = c.type().bytes();
    NcclType type = type(c.type());
    Shard mine = Shard.of(c.count(), rank, size);
    DeviceMemory input = memory(c.input(), mine.count() * width);
    DeviceMemory output = memory(c.output(), c.bytes());
    if (c.count() % size == 0) {
      nccl.allGather(input, output, type, stream);
      return;
    }
    DeviceMemory place = output.slice(mine.offset() * width, mine.count() * width);
    if (place.byteSize() > 0 && place.address() != input.address()) {
      stream.copy(input, place);
    }
    nccl.group(
        () -> {
          for (int root = 0; root < size; root++) {
            Shard share = Shard.of(c.count(), root, size);
            if (share.count() > 0) {
              nccl.broadcast(output.slice(share.offset() * width, share.count() * width), type, root, stream);
            }
          }
        });
  }

  private static DeviceMemory memory(MemorySegment segment, long bytes) {
    return DeviceMemory.of(segment).slice(0, bytes);
  }

  private static NcclType type(ElementType type) {
    return switch (type) {
      case F32 -> NcclType.F32;
      case BF16 -> NcclType.BF16;
      case I32 -> NcclType.I32;
      case I64 -> NcclType.I64;
    };
  }

  private static NcclReduction reduction(Reduction reduction) {
    return switch (reduction) {
      case SUM -> NcclReduction.SUM;
      case AVERAGE -> NcclReduction.AVERAGE;
      case MAX -> NcclReduction.MAX;
      case MIN -> NcclReduction.MIN;
    };
  }
}
