package kiln.data.show;

import java.util.List;

/**
 * How long things are.
 *
 * @param count how many there are; all else is 0 if there are none
 * @param median exact up to 65,535, above that too small by less than an eighth; so are the next two
 * @param p90 nine in ten are at most that long
 * @param p99 so are 99 in 100
 * @param bins from 0 on without gaps, all of one width but the last, which holds the few that are far longer
 */
public record Lengths(
    long count, long least, long most, double mean, long median, long p90, long p99, List<Bin> bins) {
  public Lengths {
    bins = List.copyOf(bins);
  }

  /** Those of {@code from} to {@code to}, both included. */
  public record Bin(long from, long to, long count) {}
}
