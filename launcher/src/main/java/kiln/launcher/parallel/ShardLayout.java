package kiln.launcher.parallel;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import kiln.collectives.BucketLayout;
import kiln.collectives.BucketLayout.Range;
import kiln.collectives.GradientBuckets;
import kiln.collectives.Shard;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.Slices;
import kiln.model.plan.Slices.Slice;
import kiln.model.train.StateShare;

/**
 * Who keeps what: of every bucket of parameters, each rank of a group keeps a {@link Shard}.
 *
 * <pre>
 *   | bucket 2            | bucket 1           | bucket 0      |
 *   | rank 0  | rank 1    | rank 0  | rank 1   | rank 0 | rank 1 |
 * </pre>
 *
 * @param mode what is divided so
 * @param buckets which are reduced and gathered as a whole
 * @param rank in the group
 * @param size of the group
 */
public record ShardLayout(ShardMode mode, BucketLayout buckets, int rank, int size) {
  /** Buckets at least, if they do not become tiny: so that the first travel while backward goes on. */
  private static final long BUCKETS = 8;

  private static final long SMALLEST_BUCKET = 256 << 10;

  /**
   * The layout of a table.
   *
   * @param bucketBytes see {@link GradientBuckets}
   */
  public static ShardLayout of(ShardMode mode, ParameterTable table, long bucketBytes, int rank, int size) {
    return new ShardLayout(mode, cut(table, bucketBytes), rank, size);
  }

  /** Bytes of buckets if nothing else is known. */
  public static long bucketBytes(ParameterTable table) {
    return Math.clamp(table.bytes() / BUCKETS, SMALLEST_BUCKET, GradientBuckets.DEFAULT_BUCKET_BYTES);
  }

  /** A table's parameters in buckets. */
  static BucketLayout cut(ParameterTable table, long bucketBytes) {
    long[] offsets = table.entries().stream().mapToLong(ParameterTable.Entry::offset).toArray();
    long[] bytes = table.entries().stream().mapToLong(ParameterTable.Entry::bytes).toArray();
    return BucketLayout.of(offsets, bytes, bucketBytes);
  }

  /** What this rank keeps of a bucket, in bytes of a region; maybe nothing. */
  Range share(Range bucket) {
    Shard shard = Shard.of(bucket.count(), rank, size);
    long offset = bucket.offset() + shard.offset() * Float.BYTES;
    return new Range(bucket.first(), bucket.last(), offset, shard.count() * Float.BYTES);
  }

  /** What this rank keeps of what is divided. */
  public Slices slices() {
    List<Slice> slices = new ArrayList<>();
    for (Range bucket : buckets.buckets()) {
      Range share = share(bucket);
      if (share.bytes() > 0) {
        slices.add(new Slice(share.offset(), share.bytes()));
      }
    }
    slices.sort(Comparator.comparingLong(Slice::offset));
    return new Slices(slices);
  }

  /** What this rank keeps of a training state; null for everything. */
  public StateShare share() {
    return mode == ShardMode.NONE
        ? null
        : new StateShare(slices(), true, mode.dividesGradients(), mode.dividesWeights());
  }
}
