package kiln.collectives;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import kiln.bindings.Region;

/**
 * Joins the gradients of all ranks while the backward pass is still running. The flat region of gradients is cut into buckets
 * of whole parameters; a bucket is reduced, in the background, as soon as all its gradients are final.
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
  private final BucketReducer reducer;
  private final boolean[] isReady;
  private final int[] finalOrder; // of the parameters, in the first step
  private BucketLayout layout;
  private List<Bucket> buckets;
  private boolean overlaps = true;
  private boolean orderIsKnown;
  private int numReady;
  private int numStarted;
  private int numEnded;
  private long numReduced; // this and the next three: since construction
  private long bytesReduced;
  private long communicationNanos;
  private long waitingNanos;
  private final ArrayDeque<Reduced> uncounted = new ArrayDeque<>();
  private Listener listener;

  /** A bucket that has been waited for, with its operations. */
  private record Reduced(int bucket, long bytes, Pending[] operations) {
    boolean hasEnded() {
      for (Pending operation : operations) {
        if (operation != null && !operation.isDone()) {
          return false;
        }
      }
      return true;
    }
  }

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

  /** A bucket and its operations, prepared; {@link #missing} of its gradients are not final yet. */
  private static final class Bucket {
    private final BucketLayout.Range range;
    private final Collective[] operations;
    private int missing;
    private int operation; // the one under way
    private Pending[] pending; // of each operation that has been started; null if the bucket is not under way

    Bucket(BucketLayout.Range range, BucketReducer reducer) {
      this.range = range;
      this.operations = new Collective[reducer.numOperations()];
      for (int i = 0; i < operations.length; i++) {
        operations[i] = reducer.operation(i, range);
      }
      this.missing = range.numParameters();
    }

    /** The operation under way. */
    Pending current() {
      return pending[operation];
    }
  }

  /**
   * Buckets that are averaged in place over all ranks.
   *
   * @param gradients float32, of all parameters; it cannot be closed while buckets are under way
   * @param offsets of each parameter, in bytes, ascending
   * @param bytes of each parameter
   * @param bucketBytes a bucket is closed before it would grow beyond that; a larger parameter is a bucket of its own
   */
  public GradientBuckets(Communicator communicator, Region gradients, long[] offsets, long[] bytes, long bucketBytes) {
    this(communicator, gradients, BucketLayout.of(offsets, bytes, bucketBytes), new Averaging(communicator, gradients));
  }

  /**
   * @param communicator of all ranks, which agree on an order there
   * @param gradients float32, of all parameters; it cannot be closed while buckets are under way
   * @param cut the same on all ranks
   */
  public GradientBuckets(Communicator communicator, Region gradients, BucketLayout cut, BucketReducer reducer) {
    this.communicator = communicator;
    this.gradients = gradients;
    this.reducer = reducer;
    this.isReady = new boolean[cut.bucketOf().length];
    this.finalOrder = new int[isReady.length];
    this.layout = cut;
    this.buckets = buckets(layout);
  }

  private List<Bucket> buckets(BucketLayout cut) {
    return cut.buckets().stream().map(range -> new Bucket(range, reducer)).toList();
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
    if (overlaps) {
      startComplete();
    }
  }

  private void startComplete() {
    while (numStarted < buckets.size() && buckets.get(numStarted).missing == 0) {
      makeRoom();
      start(buckets.get(numStarted));
      gradients.acquire();
      numStarted++;
    }
    advance();
  }

  /** Waits as long as too many buckets are under way. */
  private void makeRoom() {
    if (numStarted - numEnded >= reducer.mostUnderWay()) {
      long start = System.nanoTime();
      finish(buckets.get(numEnded));
      waited(start);
    }
  }

  private void waited(long start) {
    waitingNanos += System.nanoTime() - start;
  }

  private void start(Bucket bucket) {
    Pending first = reducer.communicator(0).start(bucket.operations[0]);
    bucket.operation = 0;
    bucket.pending = new Pending[bucket.operations.length];
    bucket.pending[0] = first;
  }

  /** Starts what can follow on operations that have ended, in the order of buckets, and ends buckets that hold up memory. */
  private void advance() {
    int last = reducer.numOperations() - 1;
    boolean bounded = reducer.mostUnderWay() < Integer.MAX_VALUE;
    if (last == 0 && !bounded) {
      return;
    }
    for (int i = numEnded; i < numStarted; i++) {
      Bucket bucket = buckets.get(i);
      if (bucket.operation < last && bucket.current().canBeFollowed()) {
        follow(bucket);
      } else if (bucket.operation < last) {
        break; // the next one's second operation must not overtake this one's
      }
    }
    while (bounded && numEnded < numStarted && isOver(buckets.get(numEnded), last)) {
      end(buckets.get(numEnded));
    }
  }

  private static boolean isOver(Bucket bucket, int last) {
    return bucket.operation == last && bucket.current().isDone();
  }

  private void follow(Bucket bucket) {
    int next = bucket.operation + 1;
    bucket.pending[next] = reducer.communicator(next).startAfter(bucket.current(), bucket.operations[next]);
    bucket.operation = next;
  }

  /** Waits for all operations of the oldest bucket under way. */
  private void finish(Bucket bucket) {
    while (bucket.operation < bucket.operations.length - 1) {
      follow(bucket);
      advance();
    }
    if (bucket.pending != null) {
      end(bucket);
    }
  }

  /** Counts what has ended; on a device that may be long after it has been waited for. */
  private void count() {
    for (Reduced first = uncounted.peek(); first != null && first.hasEnded(); first = uncounted.peek()) {
      uncounted.remove();
      long started = first.operations[0].started();
      long nanos = 0;
      for (Pending operation : first.operations) {
        nanos += operation == null ? 0 : operation.nanos();
        waitingNanos += operation == null ? 0 : operation.stoodStillNanos();
      }
      numReduced++;
      bytesReduced += first.bytes;
      communicationNanos += nanos;
      if (listener != null) {
        listener.reduced(first.bucket, first.bytes, started, started + nanos);
      }
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
      startComplete();
      while (numEnded < numStarted) {
        finish(buckets.get(numEnded));
      }
    } finally {
      waited(start);
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
      bucket.missing = bucket.range.numParameters();
    }
  }

  /**
   * Whether buckets start as soon as they are complete, which is so at first; if not, none starts before {@link #await}, so that
   * nothing is hidden and what is computed runs undisturbed, for measurements.
   */
  public void overlap(boolean wanted) {
    overlaps = wanted;
  }

  /** Tells {@code hearer} of every bucket from now on, when it is waited for and has ended; null to stop. */
  public void listen(Listener hearer) {
    listener = hearer;
  }

  /** What has been reduced since construction. */
  public BucketStatistics statistics() {
    count();
    return new BucketStatistics(numReduced, bytesReduced, communicationNanos, waitingNanos);
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
      bucket.current().await();
    } finally {
      gradients.release();
      uncounted.add(new Reduced(numEnded - 1, bucket.range.bytes(), bucket.pending));
      bucket.pending = null;
      count();
    }
    reducer.reduced(bucket.range);
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
