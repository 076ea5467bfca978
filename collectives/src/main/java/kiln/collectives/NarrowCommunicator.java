package kiln.collectives;

import java.lang.foreign.MemorySegment;
import kiln.bindings.CastKernels;
import kiln.bindings.Region;

/**
 * Float32 sums and averages that travel as bfloat16: half the bytes on the wire. Each rank's numbers are rounded to
 * bfloat16, the inner communicator reduces those (in float32, rounding once more), and the result is widened. Everything
 * else passes as it is.
 *
 * <pre>
 *   input f32 ──round──▶ staging bf16 ──inner all-reduce──▶ staging bf16 ──widen──▶ output f32
 * </pre>
 *
 * <p>Numbers beyond bfloat16's range become infinite, as all that is left of a gradient that large. Rounding and widening
 * happen in the background, as the operation itself. The staging memory is as large as half of the largest operation. To the inner
 * communicator a narrowed operation is one of bfloat16: a rank that calls that instead of it is not found out. For memory of this
 * process; that of a device is {@link NarrowDeviceCommunicator}'s.
 */
public final class NarrowCommunicator extends ForwardingCommunicator {
  private final ProgressThread progress;
  private Region staging; // of the thread that runs an operation, and so of one at a time

  /**
   * @param inner of this object's own: nobody else uses it, and it is closed with this
   */
  public NarrowCommunicator(Communicator inner) {
    super(inner);
    this.progress = new ProgressThread("narrow-collectives-" + inner.rank(), this::execute);
  }

  @Override
  public Pending start(Collective collective) {
    HostMemory.check(collective, rank(), size());
    return progress.start(collective);
  }

  @Override
  public void run(Collective collective) {
    HostMemory.check(collective, rank(), size());
    progress.run(collective);
  }

  private void execute(Collective collective) {
    switch (collective) {
      case Collective.AllReduce c when narrows(c.type(), c.reduction()) -> {
        MemorySegment narrow = narrow(c.input(), c.count());
        inner.allReduce(narrow, narrow, c.count(), ElementType.BF16, c.reduction());
        CastKernels.bf16ToF32(narrow, c.output(), c.count());
      }
      case Collective.ReduceScatter c when narrows(c.type(), c.reduction()) -> {
        Shard shard = Shard.of(c.count(), rank(), size());
        MemorySegment narrow = narrow(c.input(), c.count());
        int bytes = ElementType.BF16.bytes();
        MemorySegment mine = narrow.asSlice(shard.offset() * bytes, shard.count() * bytes);
        inner.reduceScatter(narrow, mine, c.count(), ElementType.BF16, c.reduction());
        CastKernels.bf16ToF32(mine, c.output(), shard.count());
      }
      case Collective.AllReduce _,
          Collective.ReduceScatter _,
          Collective.AllGather _,
          Collective.Broadcast _,
          Collective.Barrier _ ->
          inner.run(collective);
    }
  }

  /** MAX and MIN of numbers that are rounded first would be other numbers than anybody has. */
  static boolean narrows(ElementType type, Reduction reduction) {
    return type == ElementType.F32 && (reduction == Reduction.SUM || reduction == Reduction.AVERAGE);
  }

  private MemorySegment narrow(MemorySegment input, long count) {
    long bytes = count * ElementType.BF16.bytes();
    if (staging == null || staging.byteSize() < bytes) {
      if (staging != null) {
        staging.close();
      }
      staging = Region.allocate("gradients on the wire", bytes);
    }
    MemorySegment narrow = staging.slice(0, bytes);
    CastKernels.f32ToBf16(input, narrow, count);
    return narrow;
  }

  /** Narrow too. */
  @Override
  public NarrowCommunicator split(int color) {
    progress.run(new Collective.Barrier()); // the inner communicator is the other thread's until all before has ended
    return new NarrowCommunicator(inner.split(color));
  }

  @Override
  public void close() {
    inner.close(); // first: what is under way fails there, and so ends here
    progress.close();
    if (staging != null) {
      staging.close();
      staging = null;
    }
  }
}
