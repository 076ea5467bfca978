package kiln.launcher.parallel;

import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.Optional;
import kiln.bindings.cuda.DeviceQueue;
import kiln.collectives.AllReduceCost;
import kiln.collectives.AllReduceProbe;
import kiln.collectives.Communicator;
import kiln.collectives.GradientBuckets;
import kiln.collectives.NarrowCommunicator;
import kiln.collectives.NarrowDeviceCommunicator;

/**
 * What gradients go through from rank to rank: the communicator, the size of buckets, and whether they go beside backward.
 * If the user gives no size, the communicator is measured, and the size is that of {@link AllReduceCost#bucketBytes}.
 */
public final class GradientLink implements AutoCloseable {
  private static final long LEAST = 256 << 10;
  private static final long MOST = 128 << 20;
  private static final double MEGA = 1e6;

  private final Communicator communicator;
  private final boolean owned;
  private final GradientOptions options;
  private final AllReduceCost cost; // null if not measured
  private final long bucketBytes;

  private GradientLink(
      Communicator communicator, boolean owned, GradientOptions options, AllReduceCost cost, long bucketBytes) {
    this.communicator = communicator;
    this.owned = owned;
    this.options = options;
    this.cost = cost;
    this.bucketBytes = bucketBytes;
  }

  /**
   * Collective.
   *
   * @param gradients of all parameters, which are overwritten
   */
  public static GradientLink open(Communicator communicator, GradientOptions options, MemorySegment gradients) {
    return open(communicator, options, gradients, null);
  }

  /**
   * The same.
   *
   * @param queue of the device where gradients lie; null if they lie in this process's memory
   */
  public static GradientLink open(
      Communicator communicator, GradientOptions options, MemorySegment gradients, DeviceQueue queue) {
    boolean narrow = options.wire() == WireType.BF16 && communicator.size() > 1;
    Communicator link = narrow ? narrow(communicator.split(0), queue) : communicator;
    if (options.bucketBytes() != null) {
      return new GradientLink(link, narrow, options, null, options.bucketBytes());
    }
    if (communicator.size() == 1 || gradients.byteSize() < AllReduceProbe.LEAST_BYTES) {
      return new GradientLink(link, narrow, options, null, GradientBuckets.DEFAULT_BUCKET_BYTES);
    }
    AllReduceCost cost = AllReduceProbe.measure(link, gradients);
    return new GradientLink(link, narrow, options, cost, cost.bucketBytes(gradients.byteSize(), LEAST, MOST));
  }

  private static Communicator narrow(Communicator own, DeviceQueue queue) {
    return queue == null ? new NarrowCommunicator(own) : new NarrowDeviceCommunicator(own, queue);
  }

  /** Of all ranks; operations on gradients go over it, or over parts of it. */
  public Communicator communicator() {
    return communicator;
  }

  /** See {@link GradientBuckets}. */
  public long bucketBytes() {
    return bucketBytes;
  }

  /** What an all-reduce was measured to cost; empty if the user gave the size, or if there is only one rank. */
  public Optional<AllReduceCost> cost() {
    return Optional.ofNullable(cost);
  }

  /** See {@link GradientBuckets#overlap}. */
  public boolean overlaps() {
    return options.overlaps();
  }

  /** A line for the user; empty if there is only one rank. */
  public Optional<String> describe() {
    if (communicator.size() == 1) {
      return Optional.empty();
    }
    String fit = cost == null ? "" : ", all-reduce measured as " + cost;
    return Optional.of(
        String.format(
            Locale.ROOT,
            "gradients: buckets of %.1f MB, %s on the wire, %s%s",
            bucketBytes / MEGA,
            options.wire(),
            options.overlaps() ? "beside backward" : "after backward",
            fit));
  }

  @Override
  public void close() {
    if (owned) {
      communicator.close();
    }
  }
}
