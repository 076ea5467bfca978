package kiln.collectives;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import kiln.bindings.Region;

/**
 * Averages gradients over all ranks while the backward pass is still running. The flat region of gradients is cut into buckets
 * of whole parameters; a bucket is reduced, in place and in the background, as soon as all its gradients are final.
 *
 * <pre>
 *   | p0 | p1 | p2     | p3 | p4 | p5 |        backward makes p5 final first
 *   '-- bucket 2 --'-- bucket 1 --'- 0 -'
 * </pre>
 *
 * <p>Buckets start in one order that is the same on all ranks; one that is complete waits for those before it. In the first
 * step that order is from the last to the first, in all others the one in which rank 0's became complete in the first step.
 */
public final class GradientBuckets implements AutoCloseable {
  /** Enough to reach a transport's bandwidth, little enough that the first bucket starts early. */
  public static final long DEFAULT_BUCKET_BYTES = 25L << 20;

  private final Communicator communicator;
  private final Region gradients;
  private final boolean[] isReady;
  private final int[] finalOrder; // of the parameters, in the first step
  private BucketLayout layout;
  private List<Bucket> buckets;
  private boolean orderIsKnown;
  private int numReady;
  private int numStarted;
  private int numEnded;
  private BucketStatistics statistics = BucketStatistics.NONE;
  private Listener listener;

  /** Hears of buckets that have been reduced. */
  @FunctionalInterface
  public interface Listener {
    /**
     * @param bucket in the order of their starts
     * @param start of {@link System#nanoTime}
     * @param end of the same clock
     */
    void reduced(int bucket, long bytes, long start, long end);
  }

  /** One operation, prepared; {@link #missing} of its gradients are not final yet. */
  private static final class Bucket {
    private final Collective.AllReduce allReduce;
    private final int numParameters;
    private int missing;
    private Pending pending;

    Bucket(MemorySegment slice, int numParameters) {
      long count = slice.byteSize() / Float.BYTES;
      this.allReduce = new Collective.AllReduce(slice, slice, count, ElementType.F32, Reduction.AVERAGE);
      this.numParameters = numParameters;
      this.missing = numParameters;
    }
  }

  /**
   * @param gradients float32, of all parameters; it cannot be closed while buckets are under way
   * @param offsets of each parameter, in bytes, ascending
   * @param bytes of each parameter
   * @param bucketBytes a bucket is closed before it would grow beyond that; a larger parameter is a bucket of its own
   */
  public GradientBuckets(Communicator communicator, Region gradients, long[] offsets, long[] bytes, long bucketBytes) {
    this.communicator = communicator;
    this.gradients = gradients;
    this.isReady = new boolean[offsets.length];
    this.finalOrder = new int[offsets.length];
    this.layout = BucketLayout.of(offsets, bytes, bucketBytes);
    this.buckets = buckets(layout);
  }

  private List<Bucket> buckets(BucketLayout cut) {
    return cut.buckets().stream()
        .map(range -> new Bucket(gradients.slice(range.offset(), range.bytes()), range.numParameters()))
        .toList();
  }

  public int numBuckets() {
    return buckets.size();
  }

  /**
   * The gradient of a parameter is final: nobody writes it until {@link #await} has returned. Starts what can be started.
   *
   * @throws IllegalStateException if that was said already in this step
   */
  public void ready(int parameterIndex) {
    if (isReady[parameterIndex]) {
      throw new IllegalStateException("the gradient of parameter " + parameterIndex + " became final twice in a step");
    }
    isReady[parameterIndex] = true;
    if (!orderIsKnown) {
      finalOrder[numReady] = parameterIndex;
    }
    numReady++;
    buckets.get(layout.bucketOf()[parameterIndex]).missing--;
    while (numStarted < buckets.size() && buckets.get(numStarted).missing == 0) {
      Bucket bucket = buckets.get(numStarted);
      bucket.pending = communicator.start(bucket.allReduce);
      gradients.acquire();
      numStarted++;
    }
  }

  /**
   * Waits until all gradients are averages.
   *
   * @throws IllegalStateException if one was never {@link #ready}, naming it
   * @throws CollectiveException if the reduction failed
   */
  public void await() {
    for (int i = 0; i < isReady.length; i++) {
      if (!isReady[i]) {
        throw new IllegalStateException("the gradient of parameter " + i + " did not become final");
      }
    }
    long start = System.nanoTime();
    try {
      while (numEnded < numStarted) {
        end(buckets.get(numEnded));
      }
    } finally {
      statistics = statistics.plus(new BucketStatistics(0, 0, 0, System.nanoTime() - start));
    }
    if (!orderIsKnown) {
      agreeOnOrder();
      orderIsKnown = true;
    }
  }

  /**
   * Makes ready for the next step.
   *
   * @throws IllegalStateException if buckets are under way
   */
  public void reset() {
    if (numEnded < numStarted) {
      throw new IllegalStateException((numStarted - numEnded) + " buckets are under way");
    }
    numStarted = 0;
    numEnded = 0;
    numReady = 0;
    Arrays.fill(isReady, false);
    for (Bucket bucket : buckets) {
      bucket.missing = bucket.numParameters;
    }
  }

  /** Tells {@code hearer} of every bucket from now on, when it is waited for; null to stop. */
  public void listen(Listener hearer) {
    listener = hearer;
  }

  /** What has been reduced since construction. */
  public BucketStatistics statistics() {
    return statistics;
  }

  /** Waits for the buckets under way, whether they fail or not, and lets go of the memory. The communicator stays open. */
  @Override
  public void close() {
    while (numEnded < numStarted) {
      try {
        end(buckets.get(numEnded));
      } catch (CollectiveException e) {
        // Whoever closes early does so because of a failure that is reported already.
        continue;
      }
    }
  }

  private void end(Bucket bucket) {
    numEnded++;
    try {
      bucket.pending.await();
    } finally {
      gradients.release();
      long nanos = bucket.pending.nanos();
      statistics = statistics.plus(new BucketStatistics(1, bucket.allReduce.bytes(), nanos, 0));
      if (listener != null) {
        long start = bucket.pending.started();
        listener.reduced(numEnded - 1, bucket.allReduce.bytes(), start, start + nanos);
      }
      bucket.pending = null;
    }
  }

  /** Ranks may run plans of other shapes, which complete gradients in other orders: that of rank 0 counts. */
  private void agreeOnOrder() {
    try (Arena call = Arena.ofShared()) {
      MemorySegment order = call.allocateFrom(JAVA_INT, finalOrder);
      communicator.broadcast(order, finalOrder.length, ElementType.I32, 0);
      layout = layout.orderedBy(order.toArray(JAVA_INT));
    }
    buckets = buckets(layout);
  }
}
