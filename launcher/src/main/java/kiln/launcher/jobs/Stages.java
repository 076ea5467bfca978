package kiln.launcher.jobs;

import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import kiln.launcher.telemetry.ProgressLine;

/** The stages of a job, with the time that each took. */
final class Stages {
  private static final String STARTED = "KILN_STARTED";
  private static final String BUILD = "build and start";

  private final PrintStream out;
  private final long start = System.nanoTime();
  private final Map<String, Double> seconds = new LinkedHashMap<>();

  private Stages(PrintStream out) {
    this.out = out;
  }

  /** From now on; what {@code ./kiln} did before, the build, is the first stage if it says when it began. */
  static Stages begin(PrintStream out) {
    Stages stages = new Stages(out);
    String started = System.getenv(STARTED);
    if (started != null && started.matches("\\d{1,12}")) {
      double before = System.currentTimeMillis() / 1000.0 - Long.parseLong(started);
      stages.seconds.put(BUILD, Math.max(0, before));
    }
    return stages;
  }

  /** Does one stage and says so. */
  void run(String name, Runnable body) {
    get(
        name,
        () -> {
          body.run();
          return name;
        });
  }

  /** As {@link #run}, for a stage with a result. */
  <T> T get(String name, Supplier<T> body) {
    out.println("== " + name);
    long before = System.nanoTime();
    T result = body.get();
    seconds.put(name, (System.nanoTime() - before) * 1e-9);
    return result;
  }

  /** As in {@code time: 5:12 (build and start 20 s, data 8 s, …)}. */
  String describe() {
    double total = (System.nanoTime() - start) * 1e-9 + seconds.getOrDefault(BUILD, 0.0);
    StringBuilder line = new StringBuilder("time: ");
    line.append(ProgressLine.clock(Duration.ofMillis((long) (1000 * total)))).append(" in all (");
    String separator = "";
    for (Map.Entry<String, Double> stage : seconds.entrySet()) {
      line.append(separator).append(String.format(Locale.ROOT, "%s %.0f s", stage.getKey(), stage.getValue()));
      separator = ", ";
    }
    return line.append(")").toString();
  }
}
