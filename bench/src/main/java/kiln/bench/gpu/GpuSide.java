package kiln.bench.gpu;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * All that a process of one side has said.
 *
 * @param name as in tables
 * @param info null if it did not come so far
 * @param outcomes by micro-batch, ascending
 * @param failure how it ended, if not well; null if it did
 */
record GpuSide(String name, GpuInfo info, List<GpuOutcome> outcomes, String failure) {
  private static final String OUTCOME = "micro_batch";

  GpuSide {
    outcomes = List.copyOf(outcomes);
  }

  /** From its lines; those that are no JSON are somebody else's. */
  static GpuSide of(String name, List<String> lines, String failure) {
    GpuInfo info = null;
    List<GpuOutcome> outcomes = new ArrayList<>();
    for (String line : lines) {
      if (!line.startsWith("{")) {
        continue;
      }
      try {
        JsonNode node = GpuJson.LINES.readTree(line);
        if (node.has(OUTCOME)) {
          outcomes.add(GpuJson.LINES.treeToValue(node, GpuOutcome.class));
        } else {
          info = GpuJson.LINES.treeToValue(node, GpuInfo.class);
        }
      } catch (JacksonException e) {
        return new GpuSide(name, info, outcomes, "said " + line);
      }
    }
    outcomes.sort(Comparator.comparingInt(GpuOutcome::microBatch));
    return new GpuSide(name, info, outcomes, failure);
  }

  List<GpuOutcome> measured() {
    return outcomes.stream().filter(GpuOutcome::measured).toList();
  }

  Optional<GpuOutcome> at(int microBatch) {
    return measured().stream().filter(o -> o.microBatch() == microBatch).findFirst();
  }

  /** The one of most images per second. */
  Optional<GpuOutcome> best() {
    return measured().stream().max(Comparator.comparingDouble(GpuOutcome::imagesPerSecond));
  }

  /** A line for each thing that it did not measure. */
  List<String> refusals() {
    List<String> lines = new ArrayList<>();
    for (GpuOutcome outcome : outcomes) {
      if (!outcome.measured()) {
        lines.add(name + ": micro-batch " + outcome.microBatch() + ": " + outcome.refused());
      }
    }
    if (failure != null) {
      lines.add(name + ": " + failure);
    }
    return lines;
  }
}
