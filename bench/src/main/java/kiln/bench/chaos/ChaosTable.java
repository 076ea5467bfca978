package kiln.bench.chaos;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What came of all faults, in the order in which they were tried. */
final class ChaosTable {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private final List<Tally> tallies = new ArrayList<>();

  /** As it is in the file. */
  record Written(long seed, List<FaultRow> faults) {}

  void add(Tally tally) {
    tallies.add(tally);
  }

  /** Whether every fault was survived every time. */
  boolean isClean() {
    return tallies.stream().allMatch(Tally::isClean);
  }

  void print(PrintStream out) {
    out.println();
    out.println("| fault | times | survived | lost steps at most | seconds | |");
    out.println("|---|---|---|---|---|---|");
    for (Tally tally : tallies) {
      FaultRow row = tally.row();
      out.printf(
          Locale.ROOT, "| %s | %d | %d | %d | %.0f | %s |%n",
          row.fault(), row.injected(), row.survived(), row.lostSteps(), row.seconds(), row.note());
    }
    tallies.forEach(tally -> tally.row().failures().forEach(line -> out.println("not survived: " + line)));
  }

  void write(Path file, long seed) {
    JSON.writeValue(file, new Written(seed, tallies.stream().map(Tally::row).toList()));
  }
}
