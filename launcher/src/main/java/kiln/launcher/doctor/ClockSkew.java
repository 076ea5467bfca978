package kiln.launcher.doctor;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.collectives.Reduction;

/**
 * By how much one rank's clock is ahead of another's: certainly by {@code low} or more and {@code high} or less, in nanoseconds.
 *
 * <p>All ranks add a number up again and again, and each notes by its own clock when it entered and when it left. Nobody can
 * leave a sum before all have entered it. So, of each sum, with clocks a and b,
 *
 * <pre>
 *   a's entry − b's leaving  ≤  a − b  ≤  a's leaving − b's entry
 * </pre>
 *
 * and of many sums the narrowest bounds remain; the idea is F. Cristian's, Probabilistic clock synchronization, 1989.
 */
record ClockSkew(int a, int b, long low, long high) {
  private static final int SUMS = 200;
  private static final int WARM_UP = 20;
  private static final long NANOS = 1_000_000_000;

  /** When one rank entered and left each sum. */
  private record Times(long[] entered, long[] left) {}

  /** Nanoseconds since 1970. */
  static long now() {
    Instant now = Instant.now();
    return now.getEpochSecond() * NANOS + now.getNano();
  }

  /**
   * Collective.
   *
   * @param ranks which to compare
   * @param clock of this rank, in nanoseconds
   * @return of every two of {@code ranks}, the lower one first
   */
  static List<ClockSkew> measure(Communicator world, List<Integer> ranks, LongSupplier clock) {
    List<Times> all = new ArrayList<>();
    try (Arena arena = Arena.ofShared()) {
      Times own = own(world, arena, clock);
      for (int rank : ranks) {
        all.add(tell(world, arena, own, rank));
      }
    }
    List<ClockSkew> skews = new ArrayList<>();
    for (int i = 0; i < ranks.size(); i++) {
      for (int j = i + 1; j < ranks.size(); j++) {
        skews.add(between(ranks.get(i), all.get(i), ranks.get(j), all.get(j)));
      }
    }
    return skews;
  }

  private static Times own(Communicator world, Arena arena, LongSupplier clock) {
    Times times = new Times(new long[SUMS], new long[SUMS]);
    MemorySegment number = arena.allocate(JAVA_LONG);
    for (int i = -WARM_UP; i < SUMS; i++) {
      long entered = clock.getAsLong();
      world.allReduce(number, ElementType.I64, Reduction.MAX);
      long left = clock.getAsLong();
      if (i >= 0) {
        times.entered[i] = entered;
        times.left[i] = left;
      }
    }
    return times;
  }

  private static Times tell(Communicator world, Arena arena, Times own, int root) {
    MemorySegment data = arena.allocate(JAVA_LONG, 2L * SUMS);
    if (world.rank() == root) {
      MemorySegment.copy(own.entered, 0, data, JAVA_LONG, 0, SUMS);
      MemorySegment.copy(own.left, 0, data, JAVA_LONG, (long) SUMS * Long.BYTES, SUMS);
    }
    world.broadcast(data, 2L * SUMS, ElementType.I64, root);
    long half = (long) SUMS * Long.BYTES;
    return new Times(data.asSlice(0, half).toArray(JAVA_LONG), data.asSlice(half).toArray(JAVA_LONG));
  }

  private static ClockSkew between(int a, Times ofA, int b, Times ofB) {
    long low = Long.MIN_VALUE;
    long high = Long.MAX_VALUE;
    for (int i = 0; i < SUMS; i++) {
      low = Math.max(low, ofA.entered[i] - ofB.left[i]);
      high = Math.min(high, ofA.left[i] - ofB.entered[i]);
    }
    return new ClockSkew(a, b, low, high);
  }

  /** False if a clock was set while it was measured: no difference fits all sums. */
  boolean isSteady() {
    return low <= high;
  }

  /** In the middle of the bounds. */
  double millis() {
    return (low / 2.0 + high / 2.0) / 1e6;
  }

  /** How far the bounds are from {@link #millis}. */
  double uncertaintyMillis() {
    return (high / 2.0 - low / 2.0) / 1e6;
  }

  /** What there is at least, whatever is uncertain; 0 if the clocks may be the same. */
  double leastMillis() {
    return Math.max(0, Math.abs(millis()) - uncertaintyMillis());
  }
}
