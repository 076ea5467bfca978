package kiln.launcher.parallel;

import java.lang.foreign.MemorySegment;
import kiln.bindings.ElementwiseKernels;
import kiln.bindings.Region;
import kiln.collectives.BucketLayout.Range;
import kiln.collectives.BucketReducer;
import kiln.collectives.Collective;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.collectives.Reduction;
import kiln.model.train.TrainingState;

/**
 * Brings every rank the average of its share of each bucket of gradients: reduce-scattered, in place, inside its group, and then
 * averaged over the groups. Where gradients are divided, the rest of the bucket is given back; if they come several times per
 * step, once per micro-batch, shares are added up in memory of their own.
 */
final class ShardReducer implements BucketReducer, AutoCloseable {
  /** Buckets that may be under way where what they occupy is given back: one travels while the next one is being filled. */
  static final int MOST_UNDER_WAY = 2;

  private final ShardGroups groups;
  private final ShardLayout layout;
  private final Region gradients;
  private final Region sums; // null if gradients come once per step
  private boolean first = true;

  /**
   * @param numTimes how often gradients come in a step
   */
  ShardReducer(ShardGroups groups, ShardLayout layout, TrainingState state, int numTimes) {
    this.groups = groups;
    this.layout = layout;
    this.gradients = state.gradientRegion();
    this.sums = numTimes > 1 ? Region.sparse("sums of gradients", state.table().bytes()) : null;
  }

  /** Where this rank's shares of all gradients are when all have come. */
  MemorySegment reduced() {
    return sums == null ? gradients.segment() : sums.segment();
  }

  /** The next gradients are the first, or not the first, of a step. */
  void comesFirst(boolean isFirst) {
    first = isFirst;
  }

  @Override
  public int numOperations() {
    return groups.replicas() == null ? 1 : 2;
  }

  @Override
  public Collective operation(int number, Range bucket) {
    Range share = layout.share(bucket);
    MemorySegment mine = share.slice(gradients.segment());
    return number == 0
        ? new Collective.ReduceScatter(
            bucket.slice(gradients.segment()), mine, bucket.count(), ElementType.F32, Reduction.AVERAGE)
        : new Collective.AllReduce(mine, mine, share.count(), ElementType.F32, Reduction.AVERAGE);
  }

  @Override
  public Communicator communicator(int number) {
    return number == 0 ? groups.gradients() : groups.replicas();
  }

  @Override
  public int mostUnderWay() {
    return layout.mode().dividesGradients() ? MOST_UNDER_WAY : Integer.MAX_VALUE;
  }

  @Override
  public void reduced(Range bucket) {
    if (!layout.mode().dividesGradients()) {
      return;
    }
    Range share = layout.share(bucket);
    long end = share.offset() + share.bytes();
    if (sums == null) {
      gradients.giveBack(bucket.offset(), share.offset() - bucket.offset());
      gradients.giveBack(end, bucket.offset() + bucket.bytes() - end);
      return;
    }
    MemorySegment mine = share.slice(gradients.segment());
    MemorySegment sum = share.slice(sums.segment());
    if (first) {
      sum.copyFrom(mine);
    } else {
      ElementwiseKernels.binary(0, 0, sum, mine, sum, share.count(), 1, 1); // sum = sum + mine
    }
    gradients.giveBack(bucket.offset(), bucket.bytes());
  }

  @Override
  public void close() {
    if (sums != null) {
      sums.close();
    }
  }
}
