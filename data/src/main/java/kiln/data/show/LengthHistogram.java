package kiln.data.show;

import java.util.ArrayList;
import java.util.List;

/** Counts lengths in bounded memory: each length on its own below {@link #EXACT}, an eighth of an octave at a time above. */
final class LengthHistogram {
  static final int EXACT = 1 << 16;

  private static final int EXACT_BITS = Integer.numberOfTrailingZeros(EXACT);
  private static final int STEP_BITS = 3;
  private static final int STEPS = 1 << STEP_BITS;
  private static final int MOST_BINS = 40;

  private final long[] cells = new long[EXACT + STEPS * (63 - EXACT_BITS)];
  private long count;
  private long sum;
  private long least = Long.MAX_VALUE;
  private long most;

  /**
   * @param length not negative
   */
  void add(long length) {
    cells[cell(length)]++;
    count++;
    sum += length;
    least = Math.min(least, length);
    most = Math.max(most, length);
  }

  Lengths summary() {
    if (count == 0) {
      return new Lengths(0, 0, 0, 0, 0, 0, 0, List.of());
    }
    return new Lengths(
        count, least, most, (double) sum / count, quantile(0.5), quantile(0.9), quantile(0.99), bins());
  }

  /** The length that the given share of all do not exceed; above {@link #EXACT} the shortest of its cell. */
  private long quantile(double share) {
    long wanted = Math.max(1, (long) Math.ceil(share * count));
    long seen = 0;
    for (int i = 0; i < cells.length; i++) {
      seen += cells[i];
      if (seen >= wanted) {
        return Math.max(from(i), least);
      }
    }
    throw new AssertionError("count=" + count + " seen=" + seen);
  }

  /** Bins of one round width up to where 99.5 % lie, and one for the rest. */
  private List<Lengths.Bin> bins() {
    long limit = quantile(0.995);
    long width = roundWidth(Math.ceilDiv(limit + 1, MOST_BINS));
    int regular = (int) (limit / width) + 1;
    long[] counts = new long[regular + 1];
    for (int i = 0; i < cells.length; i++) {
      counts[(int) Math.min(regular, from(i) / width)] += cells[i];
    }
    List<Lengths.Bin> bins = new ArrayList<>();
    for (int i = 0; i < regular; i++) {
      bins.add(new Lengths.Bin(i * width, (i + 1) * width - 1, counts[i]));
    }
    if (counts[regular] > 0) {
      bins.add(new Lengths.Bin(regular * width, most, counts[regular]));
    }
    return bins;
  }

  /** The next of 1, 2, 5, 10, 20, 50 … */
  private static long roundWidth(long atLeast) {
    long power = 1;
    while (true) {
      for (int factor : new int[] {1, 2, 5}) {
        if (factor * power >= atLeast) {
          return factor * power;
        }
      }
      power *= 10;
    }
  }

  private static int cell(long length) {
    if (length < EXACT) {
      return (int) length;
    }
    int octave = 63 - Long.numberOfLeadingZeros(length);
    int step = (int) (length >>> (octave - STEP_BITS)) & (STEPS - 1);
    return EXACT + (octave - EXACT_BITS) * STEPS + step;
  }

  /** The shortest length of a cell. */
  private static long from(int cell) {
    if (cell < EXACT) {
      return cell;
    }
    int octave = EXACT_BITS + (cell - EXACT) / STEPS;
    return (long) (STEPS + (cell - EXACT) % STEPS) << (octave - STEP_BITS);
  }
}
