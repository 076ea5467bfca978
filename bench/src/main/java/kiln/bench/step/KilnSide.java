package kiln.bench.step;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.UserException;
import kiln.launcher.profile.LaunchTable;
import kiln.launcher.telemetry.HeapMeter;
import kiln.launcher.telemetry.PeakMemory;
import kiln.model.backend.cpu.PeakRates;
import tools.jackson.databind.json.JsonMapper;

/** The process that runs a case in Kiln and prints its {@link Outcome} as one line of JSON. */
final class KilnSide {
  /** Prints the machine's peak product rate in the case's type instead, FLOP/s. */
  static final String PEAK = "peak";

  /** Prints the slowest kinds of launches too, on standard error. */
  static final String PROFILE = "profile";

  /** This side cannot do the case, and has said why. */
  static final int CANNOT = 3;

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int ROWS = 12;
  private static final double MEGA = 1e6;

  private KilnSide() {}

  /** Arguments: the case's file and perhaps {@link #PEAK} or {@link #PROFILE}. */
  public static void main(String[] args) throws IOException {
    StepCase c = JSON.readValue(Path.of(args[0]), StepCase.class);
    String mode = args.length > 1 ? args[1] : "";
    try {
      System.out.println(mode.equals(PEAK) ? PeakRates.product(c.computed()) : JSON.writeValueAsString(run(c, mode)));
    } catch (UserException | IllegalArgumentException e) { // the second one: no kernel
      System.err.println(e.getMessage());
      System.exit(CANNOT);
    }
  }

  private static Outcome run(StepCase c, String mode) throws IOException {
    try (Work work = Work.of(c)) {
      double first = time(work);
      List<Double> seconds = new ArrayList<>();
      HeapMeter heap = new HeapMeter();
      long heapBytes = Long.MAX_VALUE;
      for (int i = 0; i < c.repeats(); i++) {
        heap.lap();
        double time = time(work);
        heapBytes = Math.min(heapBytes, heap.lap());
        seconds.add(time);
      }
      long peak = (long) (PeakMemory.megabytes() * MEGA);
      if (mode.equals(PROFILE)) {
        LaunchTable table = new LaunchTable();
        work.profile(table);
        table.kinds(ROWS).forEach(System.err::println);
        table.layers(ROWS).forEach(System.err::println);
      }
      return new Outcome(first, seconds, work.parameters(), work.forwardFlops(), work.totalFlops(), peak, heapBytes);
    }
  }

  private static double time(Work work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) * 1e-9;
  }
}
