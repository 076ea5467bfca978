package kiln.collectives;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Which parameters share a bucket, and in what order buckets are reduced; also how regions are cut when ranks divide them.
 *
 * @param buckets in their order
 * @param bucketOf index of the bucket of each parameter
 */
public record BucketLayout(List<Range> buckets, int[] bucketOf) {
  /** Consecutive parameters and the bytes from the first to the end of the last. */
  public record Range(int first, int last, long offset, long bytes) {
    int numParameters() {
      return last - first + 1;
    }

    /** Float32 numbers, padding between parameters included. */
    public long count() {
      return bytes / Float.BYTES;
    }

    /** What lies there in a region that the same table lays out. */
    public MemorySegment slice(MemorySegment region) {
      return region.asSlice(offset, bytes);
    }
  }

  /**
   * Cuts from the end and puts the last bucket first, which is right for parameters in the order in which forward uses them.
   *
   * @param offsets of each parameter in bytes, ascending
   * @param bucketBytes a bucket is closed before it would grow beyond that; a larger parameter is a bucket of its own
   */
  public static BucketLayout of(long[] offsets, long[] bytes, long bucketBytes) {
    check(offsets, bytes, bucketBytes);
    List<Range> buckets = new ArrayList<>();
    for (int last = offsets.length - 1; last >= 0; ) {
      long end = offsets[last] + bytes[last];
      int first = last;
      while (first > 0 && end - offsets[first - 1] <= bucketBytes) {
        first--;
      }
      buckets.add(new Range(first, last, offsets[first], end - offsets[first]));
      last = first - 1;
    }
    return new BucketLayout(buckets, bucketOf(buckets, offsets.length));
  }

  /**
   * The same buckets in the order in which their last gradients become final.
   *
   * @param finalOrder all parameters, in the order in which their gradients become final
   */
  BucketLayout orderedBy(int[] finalOrder) {
    int[] position = new int[bucketOf.length];
    for (int i = 0; i < finalOrder.length; i++) {
      position[finalOrder[i]] = i;
    }
    List<Range> ordered = new ArrayList<>(buckets);
    ordered.sort(
        Comparator.comparingInt(
            bucket -> Arrays.stream(position, bucket.first, bucket.last + 1).max().getAsInt()));
    return new BucketLayout(ordered, bucketOf(ordered, bucketOf.length));
  }

  private static int[] bucketOf(List<Range> buckets, int numParameters) {
    int[] bucketOf = new int[numParameters];
    for (int i = 0; i < buckets.size(); i++) {
      Arrays.fill(bucketOf, buckets.get(i).first, buckets.get(i).last + 1, i);
    }
    return bucketOf;
  }

  private static void check(long[] offsets, long[] bytes, long bucketBytes) {
    if (bytes.length != offsets.length || bucketBytes < 1) {
      throw new IllegalArgumentException(
          "offsets=" + offsets.length + ", bytes=" + bytes.length + ", bucketBytes=" + bucketBytes);
    }
    long end = 0;
    for (int i = 0; i < offsets.length; i++) {
      if (offsets[i] < end || offsets[i] % Float.BYTES != 0 || bytes[i] < 0 || bytes[i] % Float.BYTES != 0) {
        throw new IllegalArgumentException("parameter " + i + ": offset=" + offsets[i] + ", bytes=" + bytes[i]);
      }
      end = offsets[i] + bytes[i];
    }
  }
}
