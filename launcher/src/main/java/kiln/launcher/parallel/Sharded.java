package kiln.launcher.parallel;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import kiln.collectives.BucketLayout.Range;
import kiln.collectives.BucketStatistics;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.collectives.GradientBuckets;
import kiln.collectives.Pending;
import kiln.model.optim.AdamW;
import kiln.model.optim.Ema;
import kiln.model.optim.OptimizedRegions;
import kiln.model.plan.Residency;
import kiln.model.plan.Slices.Slice;
import kiln.model.train.GradientSink;
import kiln.model.train.StatePart;
import kiln.model.train.StepDivision;
import kiln.model.train.TrainingState;

/**
 * Ranks of a group divide the optimizer's state, and if wanted gradients and weights, bucket by bucket: every rank updates its
 * share (Rajbhandari et al. 2020). Groups, if there are several, keep the same and average their gradients.
 */
public final class Sharded implements DataParallel {
  private final ShardLayout layout;
  private final TrainingState state;
  private final ShardGroups groups;
  private final ShardReducer reducer;
  private final GradientBuckets buckets;
  private final GatheredParameters weights;
  private final GatheredParameters average;
  private final boolean separately;
  private final long bucketBytes;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment squares; // the bits of a double per rank of the group

  /**
   * Collective.
   *
   * @param all ranks
   * @param link on which gradients travel
   * @param layout the same on all ranks but for the rank
   * @param state of which this rank keeps what the layout says; it must outlive this object
   * @param numMicroBatches per step and rank
   */
  public Sharded(Communicator all, GradientLink link, ShardLayout layout, TrainingState state, int numMicroBatches) {
    this.layout = layout;
    this.state = state;
    this.separately = layout.mode().dividesGradients() && numMicroBatches > 1;
    this.groups = ShardGroups.open(all, link.communicator(), layout.size());
    this.reducer = new ShardReducer(groups, layout, state, separately ? numMicroBatches : 1);
    this.buckets = new GradientBuckets(all, state.gradientRegion(), layout.buckets(), reducer);
    this.bucketBytes = link.bucketBytes();
    buckets.overlap(link.overlaps());
    this.weights = new GatheredParameters(groups.weights(), state, StatePart.WEIGHTS, layout);
    this.average = new GatheredParameters(groups.weights(), state, StatePart.AVERAGE, layout);
    this.squares = arena.allocate(JAVA_LONG, layout.size());
  }

  @Override
  public ShardMode mode() {
    return layout.mode();
  }

  @Override
  public StepDivision division() {
    return new StepDivision(separately, residency(StatePart.WEIGHTS), bucketBytes);
  }

  @Override
  public Residency residency(StatePart part) {
    boolean isWeights = state.region(part) == state.region(StatePart.WEIGHTS);
    if (isWeights) {
      return layout.mode().dividesWeights() ? weights : null;
    }
    return average;
  }

  @Override
  public GradientSink begin() {
    buckets.reset();
    reducer.comesFirst(true);
    return new GradientSink() {
      @Override
      public void gradientReady(int parameterIndex) {
        buckets.ready(parameterIndex);
      }

      @Override
      public void microBatchEnded() {
        buckets.await();
        buckets.reset();
        reducer.comesFirst(false);
      }
    };
  }

  @Override
  public void await() {
    if (!separately) {
      buckets.await();
    }
  }

  /** The squares of a rank's share are summed in double, those of the ranks in their order, so that all get the same bits. */
  @Override
  public double gradientNorm() {
    double sum = 0;
    for (Slice slice : layout.slices().parts()) {
      sum += state.kernels().sumOfSquares(slice.of(reducer.reduced()));
    }
    squares.setAtIndex(JAVA_LONG, layout.rank(), Double.doubleToRawLongBits(sum));
    MemorySegment mine = squares.asSlice((long) layout.rank() * Long.BYTES, Long.BYTES);
    groups.weights().allGather(mine, squares, layout.size(), ElementType.I64);
    double total = 0;
    for (int rank = 0; rank < layout.size(); rank++) {
      total += Double.longBitsToDouble(squares.getAtIndex(JAVA_LONG, rank));
    }
    return Math.sqrt(total);
  }

  /** The weights of a bucket are gathered while those of the next one are being updated. */
  @Override
  public void update(AdamW optimizer, Ema ema, long step, double learningRate, double gradientScale) {
    List<Range> all = layout.buckets().buckets();
    List<Pending> gathers = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      Range share = layout.share(all.get(i));
      if (share.bytes() > 0) {
        optimizer.step(regions(new Slice(share.offset(), share.bytes())), ema, step, learningRate, gradientScale);
      }
      if (!layout.mode().dividesWeights()) {
        gathers.add(weights.gather(i));
      }
    }
    for (int i = 0; i < gathers.size(); i++) {
      gathers.get(i).await();
      state.refreshNarrowWeights(all.get(i).offset(), all.get(i).bytes());
    }
  }

  private OptimizedRegions regions(Slice slice) {
    OptimizedRegions r = state.regions(slice);
    MemorySegment gradients = slice.of(reducer.reduced());
    return new OptimizedRegions(
        r.kernels(), r.weights(), gradients, r.firstMoment(), r.secondMoment(), r.average(), r.narrowWeights());
  }

  /** Only the group of rank 0 has something to do; its other ranks give back a bucket before the next one comes. */
  @Override
  public <T> T whole(StatePart part, Action<T> action) throws IOException {
    Communicator all = groups.all();
    boolean divided = state.kept(part).bytes() < state.table().bytes();
    if (divided && all.rank() < layout.size()) {
      gather(part, all.rank() == 0);
    }
    if (all.rank() > 0) {
      return null;
    }
    try {
      return action.run();
    } finally {
      state.trim(part, 0, state.table().bytes());
    }
  }

  private void gather(StatePart part, boolean keeps) {
    try (GatheredParameters parameters = new GatheredParameters(groups.weights(), state, part, layout)) {
      for (int i = 0; i < layout.buckets().buckets().size(); i++) {
        parameters.gather(i).await();
        if (!keeps) {
          parameters.trim(i);
        }
      }
    }
  }

  @Override
  public void listen(GradientBuckets.Listener hearer) {
    buckets.listen(hearer);
  }

  @Override
  public BucketStatistics statistics() {
    return buckets.statistics();
  }

  @Override
  public void close() {
    buckets.close();
    groups.close();
    reducer.close();
    weights.close();
    average.close();
    arena.close();
  }
}
