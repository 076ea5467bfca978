package kiln.collectives;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kiln.bindings.DeviceKernel;
import kiln.bindings.KernelCall;
import kiln.bindings.cuda.DeviceMemory;
import kiln.bindings.cuda.DeviceQueue;
import kiln.bindings.cuda.DeviceRegion;

/**
 * {@link NarrowCommunicator} for a device's memory: its kernels round and widen, in the stream where the rank computes, before an
 * operation is issued and when it is awaited. What is in the host's memory passes as it is. The staging memory is as large as half of
 * what is under way at once.
 */
public final class NarrowDeviceCommunicator extends ForwardingCommunicator {
  private static final int FROM = 0; // arguments of the kernels
  private static final int TO = 1;

  private final DeviceQueue queue;
  private final Map<Size, ArrayDeque<Block>> unused = new HashMap<>();
  private final List<Block> all = new ArrayList<>();

  /**
   * @param narrowed elements that are rounded
   * @param widened elements of the result
   * @param first of them among the rounded ones
   */
  private record Size(long narrowed, long widened, long first) {}

  /** Staging memory, with the launches that fill and empty it. */
  private record Block(Size size, DeviceRegion region, Arena arena, KernelCall narrow, KernelCall widen) {
    MemorySegment all() {
      return region.memory().segment();
    }

    MemorySegment result() {
      int width = ElementType.BF16.bytes();
      return all().asSlice(size.first * width, size.widened * width);
    }

    void close() {
      region.close();
      arena.close();
    }
  }

  /**
   * @param inner takes memory of the device; of this object's own: nobody else uses it, and it is closed with this
   * @param queue of this rank's device
   */
  public NarrowDeviceCommunicator(Communicator inner, DeviceQueue queue) {
    super(inner);
    this.queue = queue;
  }

  @Override
  public Pending start(Collective collective) {
    if (!collective.isOnDevice() || collective.count() == 0) {
      return inner.start(collective);
    }
    HostMemory.checkSizes(collective, rank(), size());
    return switch (collective) {
      case Collective.AllReduce c when NarrowCommunicator.narrows(c.type(), c.reduction()) -> {
        Block block = narrow(c.input(), new Size(c.count(), c.count(), 0));
        MemorySegment narrow = block.all();
        Pending pending = inner.allReduceAsync(narrow, narrow, c.count(), ElementType.BF16, c.reduction());
        yield new Widening(pending, block, c.output());
      }
      case Collective.ReduceScatter c when NarrowCommunicator.narrows(c.type(), c.reduction()) -> {
        Shard shard = Shard.of(c.count(), rank(), size());
        Block block = narrow(c.input(), new Size(c.count(), shard.count(), shard.offset()));
        Pending pending =
            inner.reduceScatterAsync(block.all(), block.result(), c.count(), ElementType.BF16, c.reduction());
        yield new Widening(pending, block, c.output());
      }
      default -> inner.start(collective);
    };
  }

  /** Takes a block that fits, and launches the rounding. */
  private Block narrow(MemorySegment input, Size size) {
    queue.context().makeCurrent();
    ArrayDeque<Block> blocks = unused.computeIfAbsent(size, _ -> new ArrayDeque<>());
    Block block = blocks.isEmpty() ? create(size) : blocks.pop();
    block.narrow.setAddress(FROM, input.address());
    queue.kernels().launch(block.narrow);
    return block;
  }

  private Block create(Size size) {
    long bytes = size.narrowed * ElementType.BF16.bytes();
    DeviceRegion region = queue.pool().allocate("gradients on the wire", bytes, queue.stream());
    Arena arena = Arena.ofShared();
    MemorySegment later = MemorySegment.NULL;
    KernelCall narrow = new KernelCall(arena, DeviceKernel.NARROW, size.narrowed, later, later, size.narrowed);
    KernelCall widen = new KernelCall(arena, DeviceKernel.WIDEN, size.widened, later, later, size.widened);
    Block block = new Block(size, region, arena, narrow, widen);
    narrow.setAddress(TO, block.all().address());
    widen.setAddress(FROM, block.result().address());
    all.add(block);
    return block;
  }

  /** Widens the result when it is awaited. */
  private final class Widening extends ForwardingPending {
    private final MemorySegment output;
    private Block block; // null once the result is being widened

    Widening(Pending narrow, Block block, MemorySegment output) {
      super(narrow);
      this.block = block;
      this.output = output;
    }

    @Override
    public void await() {
      operation.await();
      if (block != null) {
        queue.context().makeCurrent();
        if (block.size.widened > 0) {
          block.widen.setAddress(TO, DeviceMemory.of(output).address());
          queue.kernels().launch(block.widen);
        }
        unused.get(block.size).push(block); // what is launched later finds it free
        block = null;
      }
    }
  }

  /** Narrow too. */
  @Override
  public NarrowDeviceCommunicator split(int color) {
    return new NarrowDeviceCommunicator(inner.split(color), queue);
  }

  @Override
  public void close() {
    inner.close();
    queue.context().makeCurrent();
    all.forEach(Block::close);
    all.clear();
    unused.clear();
  }
}
