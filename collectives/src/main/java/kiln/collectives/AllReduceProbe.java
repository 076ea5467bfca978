package kiln.collectives;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Measures what all-reduces of a communicator cost, in less than half a second. */
public final class AllReduceProbe {
  /** What a measurement needs of memory. */
  public static final long LEAST_BYTES = 32 << 10;

  private static final long[] BYTES = {4 << 10, 32 << 10, 256 << 10, 1 << 20, 4 << 20};
  private static final int[] TIMES = {40, 20, 10, 6, 5};
  private static final int WARM_UP = 100; // of the smallest, while the Java machine still compiles
  private static final double BUDGET_SECONDS = 0.4;

  // What rank 0 tells the others after each size: whether to go on, and in the end latency and bandwidth.
  private static final int FIELDS = 2;

  private AllReduceProbe() {}

  /**
   * Collective: float32 averages in place, of small sizes and as large ones as a slow network lets finish in time. Rank 0's
   * clock counts, so that all ranks get the same answer.
   *
   * @param scratch of which some megabytes from the start are averaged; at least {@link #LEAST_BYTES}
   */
  public static AllReduceCost measure(Communicator communicator, MemorySegment scratch) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment told = arena.allocate(JAVA_DOUBLE, FIELDS);
      double[] seconds = new double[BYTES.length];
      long start = System.nanoTime();
      MemorySegment smallest = scratch.asSlice(0, BYTES[0]);
      for (int i = 0; i < WARM_UP && more(communicator, told, start, 0.1); i += 10) {
        typical(communicator, smallest, 10);
      }
      int measured = 0;
      boolean more = true;
      while (more) {
        seconds[measured] = typical(communicator, scratch.asSlice(0, BYTES[measured]), TIMES[measured]);
        measured++;
        more = measured < BYTES.length && BYTES[measured] <= scratch.byteSize();
        if (more) {
          double next = seconds[measured - 1] * BYTES[measured] / BYTES[measured - 1] * (1 + TIMES[measured]);
          more = more(communicator, told, start, measured < 2 ? Double.MAX_VALUE : BUDGET_SECONDS - next);
        }
      }
      AllReduceCost own = AllReduceCost.fit(bytes(measured), Arrays.copyOf(seconds, measured));
      told.setAtIndex(JAVA_DOUBLE, 0, own.latencySeconds());
      told.setAtIndex(JAVA_DOUBLE, 1, own.bytesPerSecond());
      communicator.broadcast(told, FIELDS, ElementType.I64, 0);
      return new AllReduceCost(told.getAtIndex(JAVA_DOUBLE, 0), told.getAtIndex(JAVA_DOUBLE, 1));
    }
  }

  private static double[] bytes(int measured) {
    return Arrays.stream(BYTES, 0, measured).asDoubleStream().toArray();
  }

  /** Whether less than {@code seconds} have passed on rank 0's clock. */
  private static boolean more(Communicator communicator, MemorySegment told, long start, double seconds) {
    told.setAtIndex(JAVA_DOUBLE, 0, (System.nanoTime() - start) * 1e-9 < seconds ? 1 : 0);
    communicator.broadcast(told, FIELDS, ElementType.I64, 0);
    return told.getAtIndex(JAVA_DOUBLE, 0) > 0;
  }

  /** The lower quartile: what disturbs only adds. */
  private static double typical(Communicator communicator, MemorySegment data, int times) {
    double[] seconds = new double[times];
    for (int i = -1; i < times; i++) {
      long start = System.nanoTime();
      Pending pending = communicator.allReduceAsync(data, ElementType.F32, Reduction.AVERAGE); // as buckets travel
      pending.await();
      while (!pending.isDone()) { // on a device
        Thread.onSpinWait();
      }
      if (i >= 0) {
        seconds[i] = (System.nanoTime() - start) * 1e-9;
      }
    }
    Arrays.sort(seconds);
    return Math.max(1e-9, seconds[times / 4]);
  }
}
