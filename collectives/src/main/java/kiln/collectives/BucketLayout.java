package kiln.collectives;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Which parameters share a bucket, and in what order buckets are reduced.
 *
 * @param ranges the buckets in their order
 * @param bucketOf index of the bucket of each parameter
 */
record BucketLayout(List<Range> ranges, int[] bucketOf) {
  /**
   * Consecutive parameters and the bytes from the first to the end of the last.
   *
   * @param finalAt position at which the last of them becomes final
   */
  record Range(int first, int last, long offset, long bytes, int finalAt) {
    int numParameters() {
      return last - first + 1;
    }
  }

  /**
   * Cuts from the end; orders the buckets by when they become final.
   *
   * @param offsets of each parameter in bytes, ascending
   * @param finalOrder all parameters, in the order in which they become final
   */
  static BucketLayout of(long[] offsets, long[] bytes, long bucketBytes, int[] finalOrder) {
    check(offsets, bytes, bucketBytes, finalOrder);
    int[] position = new int[finalOrder.length];
    for (int i = 0; i < finalOrder.length; i++) {
      position[finalOrder[i]] = i;
    }
    List<Range> ranges = new ArrayList<>();
    for (int last = offsets.length - 1; last >= 0; ) {
      long end = offsets[last] + bytes[last];
      int first = last;
      int finalAt = position[last];
      while (first > 0 && end - offsets[first - 1] <= bucketBytes) {
        first--;
        finalAt = Math.max(finalAt, position[first]);
      }
      ranges.add(new Range(first, last, offsets[first], end - offsets[first], finalAt));
      last = first - 1;
    }
    ranges.sort(Comparator.comparingInt(Range::finalAt));
    int[] bucketOf = new int[offsets.length];
    for (int i = 0; i < ranges.size(); i++) {
      Arrays.fill(bucketOf, ranges.get(i).first, ranges.get(i).last + 1, i);
    }
    return new BucketLayout(ranges, bucketOf);
  }

  /** The last parameter first. */
  static int[] descending(int count) {
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      order[i] = count - 1 - i;
    }
    return order;
  }

  private static void check(long[] offsets, long[] bytes, long bucketBytes, int[] finalOrder) {
    if (bytes.length != offsets.length || finalOrder.length != offsets.length || bucketBytes < 1) {
      throw new IllegalArgumentException(
          "offsets=%d, bytes=%d, finalOrder=%d, bucketBytes=%d"
              .formatted(offsets.length, bytes.length, finalOrder.length, bucketBytes));
    }
    long end = 0;
    boolean[] seen = new boolean[offsets.length];
    for (int i = 0; i < offsets.length; i++) {
      if (offsets[i] < end || offsets[i] % Float.BYTES != 0 || bytes[i] < 0 || bytes[i] % Float.BYTES != 0) {
        throw new IllegalArgumentException("parameter " + i + ": offset=" + offsets[i] + ", bytes=" + bytes[i]);
      }
      end = offsets[i] + bytes[i];
      if (seen[finalOrder[i]]) {
        throw new IllegalArgumentException("finalOrder has parameter " + finalOrder[i] + " twice");
      }
      seen[finalOrder[i]] = true;
    }
  }
}
