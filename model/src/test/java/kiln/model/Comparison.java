package kiln.model;

import java.util.ArrayList;
import java.util.List;

/**
 * A tensor or a number beside what it should be.
 *
 * @param what which one
 * @param difference the largest one of an element; not a number if an element is none
 * @param bound what it may be
 * @param detail where it is, and both elements
 */
public record Comparison(String what, double difference, double bound, String detail) {
  private static final ScopedValue<List<Comparison>> COLLECTED = ScopedValue.newInstance();

  /** Runs checks of this thread so that those that fail do not end them; returns all, in their order. */
  public static List<Comparison> collect(Runnable checks) {
    List<Comparison> all = new ArrayList<>();
    ScopedValue.where(COLLECTED, all).run(checks);
    return all;
  }

  /** Of whole tensors, the largest difference of an element. */
  static Comparison of(String what, double bound, float[] actual, float[] expected) {
    if (actual.length != expected.length) {
      return new Comparison(what, Double.NaN, bound, "numElements=" + actual.length + " expected=" + expected.length);
    }
    int worst = 0;
    double largest = 0;
    for (int i = 0; i < actual.length; i++) {
      boolean same = Float.compare(actual[i], expected[i]) == 0; // also two infinities, and two that are no numbers
      double difference = same ? 0 : Math.abs((double) actual[i] - expected[i]);
      if (Double.isNaN(difference)) {
        return new Comparison(what, difference, bound, at(i, actual, expected));
      }
      if (difference > largest) {
        worst = i;
        largest = difference;
      }
    }
    return new Comparison(what, largest, bound, actual.length == 0 ? "no elements" : at(worst, actual, expected));
  }

  /** Of two numbers. */
  public static Comparison of(String what, double bound, double actual, double expected) {
    return new Comparison(what, Math.abs(actual - expected), bound, "actual=" + actual + " expected=" + expected);
  }

  /** Of what must be equal. */
  public static Comparison equal(String what, boolean equal, String detail) {
    return new Comparison(what, equal ? 0 : 1, 0, detail);
  }

  private static String at(int index, float[] actual, float[] expected) {
    return "at index=" + index + " actual=" + actual[index] + " expected=" + expected[index];
  }

  public boolean isWithin() {
    return difference <= bound;
  }

  /** The difference as a share of the bound; infinite where something had to be equal and is not. */
  public double ratio() {
    return difference == 0 ? 0 : difference / bound;
  }

  /**
   * Hands it to those who collect, or ends the test if it is not within the bound.
   *
   * @throws AssertionError if it is not, and nobody collects
   */
  public void conclude() {
    if (COLLECTED.isBound()) {
      COLLECTED.get().add(this);
    } else if (!isWithin()) {
      throw new AssertionError(toString());
    }
  }

  @Override
  public String toString() {
    return what + ": |a-b|=" + difference + " bound=" + bound + " " + detail;
  }
}
