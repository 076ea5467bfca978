package kiln.bench.chaos;

import java.util.ArrayList;
import java.util.List;

/** What came of one kind of fault. */
final class Tally {
  private final String fault;
  private final List<String> failures = new ArrayList<>();
  private int injected;
  private int survived;
  private long lost;
  private double seconds;
  private String note = "";

  Tally(String fault) {
    this.fault = fault;
  }

  /** Those that cannot be tried here have none. */
  static Tally skipped(String fault, String why) {
    Tally tally = new Tally(fault);
    tally.note = "not tried: " + why;
    return tally;
  }

  void injected(int times) {
    injected += times;
  }

  void survived(int times) {
    survived += times;
  }

  void failed(String why) {
    failures.add(why);
  }

  void lost(long steps) {
    lost = Math.max(lost, steps);
  }

  void took(double time) {
    seconds += time;
  }

  void note(String text) {
    note = text;
  }

  boolean isClean() {
    return failures.isEmpty() && survived == injected;
  }

  /** As it is printed and written. */
  FaultRow row() {
    return new FaultRow(fault, injected, survived, lost, seconds, note, List.copyOf(failures));
  }
}
