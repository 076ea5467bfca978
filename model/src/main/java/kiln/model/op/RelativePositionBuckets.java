package kiln.model.op;

/**
 * Numbers distances between positions as T5 does: half of the buckets hold one distance each, the other half grow
 * logarithmically up to a largest distance; if bidirectional, keys after the query have buckets of their own.
 */
public final class RelativePositionBuckets {
  private RelativePositionBuckets() {}

  /**
   * Bucket of one distance. The arithmetic is float32 as in the published implementation, because at exact powers rounding
   * decides.
   *
   * @param relativePosition key position minus query position
   * @throws IllegalArgumentException if the buckets are too few or the largest distance lies inside the exact ones
   */
  public static int bucket(int relativePosition, int numBuckets, int maxDistance, boolean bidirectional) {
    int perSide = bidirectional ? numBuckets / 2 : numBuckets;
    int numExact = perSide / 2;
    if (numExact < 1 || maxDistance <= numExact) {
      throw new IllegalArgumentException("no buckets for numBuckets=" + numBuckets + " maxDistance=" + maxDistance);
    }
    int offset = bidirectional && relativePosition > 0 ? perSide : 0;
    int distance = bidirectional ? Math.abs(relativePosition) : Math.max(-relativePosition, 0);
    if (distance < numExact) {
      return offset + distance;
    }
    float log = (float) Math.log((float) distance / numExact);
    float range = (float) Math.log((double) maxDistance / numExact);
    int far = numExact + (int) (log / range * (perSide - numExact));
    return offset + Math.min(far, perSide - 1);
  }

  /** Buckets of all distances that occur: element {@code key - query + queryLength - 1}. */
  public static int[] table(int queryLength, int keyLength, int numBuckets, int maxDistance, boolean bidirectional) {
    int[] buckets = new int[queryLength + keyLength - 1];
    for (int i = 0; i < buckets.length; i++) {
      buckets[i] = bucket(i - (queryLength - 1), numBuckets, maxDistance, bidirectional);
    }
    return buckets;
  }
}
