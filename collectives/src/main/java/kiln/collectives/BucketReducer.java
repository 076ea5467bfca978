package kiln.collectives;

/**
 * What becomes of a bucket of gradients: operations one after the other. Each starts in the background when that before it has
 * ended; the n-th operations of all buckets are issued in the order of the buckets, so that each may have a communicator of its
 * own.
 */
public interface BucketReducer {
  /** Operations per bucket, at least one. */
  int numOperations();

  /** Issues an operation, counted from 0, on a bucket whose gradients are final or that has gone through the one before. */
  Collective operation(int number, BucketLayout.Range bucket);

  /** The communicator on which that operation runs. */
  Communicator communicator(int number);

  /** All operations on the bucket have ended. On the thread that computes. */
  default void reduced(BucketLayout.Range bucket) {}

  /**
   * Most buckets that may be under way: whoever completes one more waits. Bounds the memory of what {@link #reduced} gives back.
   */
  default int mostUnderWay() {
    return Integer.MAX_VALUE;
  }
}
