package kiln.bench.step;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** The process that runs a case in Kiln and prints its {@link Outcome} as one line of JSON. */
final class KilnSide {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private KilnSide() {}

  /** Arguments: the case's file and, to print the slowest kinds of launches too, {@code profile}. */
  public static void main(String[] args) throws IOException {
    StepCase c = JSON.readValue(Path.of(args[0]), StepCase.class);
    try (Work work = Work.of(c)) {
      List<Double> seconds = new ArrayList<>();
      for (int i = 0; i <= c.repeats(); i++) {
        long start = System.nanoTime();
        work.run();
        if (i > 0) {
          seconds.add((System.nanoTime() - start) * 1e-9);
        }
      }
      if (args.length > 1) {
        profile(work);
      }
      System.out.println(
          JSON.writeValueAsString(new Outcome(seconds, work.parameters(), work.forwardFlops(), peakBytes())));
    }
  }

  private static void profile(Work work) {
    Map<String, Long> byKind = new HashMap<>();
    work.profile(
        (info, start, end) -> byKind.merge(info.kind(), end - start, Long::sum), System.err::println);
    long total = byKind.values().stream().mapToLong(Long::longValue).sum();
    byKind.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .forEach(e -> System.err.printf("%-22s %8.1f ms %5.1f %%%n", e.getKey(), e.getValue() / 1e6, 100.0 * e.getValue() / total));
  }

  private static long peakBytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElse(0);
  }
}
