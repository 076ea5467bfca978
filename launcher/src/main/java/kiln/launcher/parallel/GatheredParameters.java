package kiln.launcher.parallel;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import kiln.collectives.BucketLayout.Range;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.collectives.Pending;
import kiln.model.plan.Residency;
import kiln.model.train.StatePart;
import kiln.model.train.TrainingState;

/**
 * Parameters of which ranks keep a share each between uses: before a plan reads those of a bucket they are gathered, into the
 * places where the plan expects them, while it still computes with the bucket before; after that they are given back.
 *
 * <p>All ranks of the group run their plans at the same time, and these want buckets in the same order, which is compared at
 * the beginning of every run.
 */
final class GatheredParameters implements Residency, AutoCloseable {
  private final Communicator group;
  private final TrainingState state;
  private final StatePart part;
  private final ShardLayout layout;
  private final boolean[] present; // per bucket
  private final Arena arena = Arena.ofShared();
  private final MemorySegment orders; // int64 [ranks]

  GatheredParameters(Communicator group, TrainingState state, StatePart part, ShardLayout layout) {
    this.group = group;
    this.state = state;
    this.part = part;
    this.layout = layout;
    this.present = new boolean[layout.buckets().buckets().size()];
    this.orders = arena.allocate(JAVA_LONG, group.size());
  }

  @Override
  public int group(int parameterIndex) {
    return layout.buckets().bucketOf()[parameterIndex];
  }

  @Override
  public Visitor plan(List<Visit> visits) {
    return new Run(visits);
  }

  /** Gathers one bucket, in the background. */
  Pending gather(int bucket) {
    return gather(layout.buckets().buckets().get(bucket));
  }

  private Pending gather(Range bucket) {
    MemorySegment region = state.region(part).segment();
    return group.allGatherAsync(layout.share(bucket).slice(region), bucket.slice(region), bucket.count(), ElementType.F32);
  }

  /** Gives back what others keep of a bucket. */
  void trim(int bucket) {
    Range range = layout.buckets().buckets().get(bucket);
    state.trim(part, range.offset(), range.bytes());
  }

  @Override
  public void close() {
    arena.close();
  }

  private final class Run implements Visitor {
    private final int[] buckets; // of each visit
    private final long order;
    private int entered; // the last visit that was
    private int numStarted;
    private Pending pending; // of the visit started last

    Run(List<Visit> visits) {
      this.buckets = visits.stream().mapToInt(Visit::group).toArray();
      long hash = buckets.length;
      for (int bucket : buckets) {
        hash = 31 * hash + bucket;
      }
      this.order = hash;
    }

    @Override
    public void enter(int visit) {
      if (visit == 0) {
        agree();
        numStarted = 0;
      }
      entered = visit;
      if (numStarted == visit) {
        startNext();
      }
      pending.await();
      if (part == StatePart.WEIGHTS) {
        Range bucket = layout.buckets().buckets().get(buckets[visit]);
        state.refreshNarrowWeights(bucket.offset(), bucket.bytes());
      }
      startNext();
    }

    @Override
    public void leave(int visit) {
      trim(buckets[visit]);
      present[buckets[visit]] = false;
      if (numStarted == entered + 1) {
        startNext();
      }
    }

    /** Starts the next gather, unless the bucket is still there: then it must be left first. */
    private void startNext() {
      if (numStarted < buckets.length && !present[buckets[numStarted]]) {
        present[buckets[numStarted]] = true;
        pending = gather(buckets[numStarted]);
        numStarted++;
      }
    }

    private void agree() {
      orders.setAtIndex(JAVA_LONG, group.rank(), order);
      MemorySegment mine = orders.asSlice((long) group.rank() * Long.BYTES, Long.BYTES);
      group.allGather(mine, orders, group.size(), ElementType.I64);
      for (int rank = 0; rank < group.size(); rank++) {
        if (orders.getAtIndex(JAVA_LONG, rank) != order) {
          throw new IllegalStateException(
              "ranks " + group.rank() + " and " + rank + " of a group want parameters in different orders");
        }
      }
    }
  }
}
