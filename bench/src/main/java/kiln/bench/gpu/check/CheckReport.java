package kiln.bench.gpu.check;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import kiln.model.Comparison;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What came of all checks, as a table and as JSON. */
final class CheckReport {
  private static final JsonMapper JSON = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  private static final int MOST_FAILURES = 8;
  private static final int WIDEST = 150;

  private final List<CheckResult> results = new ArrayList<>();
  private final CheckSettings settings;

  CheckReport(CheckSettings settings) {
    this.settings = settings;
  }

  void add(CheckResult result) {
    results.add(result);
  }

  boolean passed() {
    return results.stream().allMatch(CheckResult::passed);
  }

  void print(PrintStream out) {
    int name = results.stream().mapToInt(r -> r.check().length()).max().orElse(0);
    int counts = results.stream().mapToInt(r -> r.counts().length()).max().orElse(0);
    String row = "%-" + name + "s  %-6s  %8s  %-" + counts + "s  %s%n";
    out.printf(row, "check", "result", "time", "what ran", "worst error");
    for (CheckResult result : results) {
      String time = String.format(Locale.ROOT, "%.1f s", result.seconds());
      out.printf(row, result.check(), result.passed() ? "passed" : "FAILED", time, result.counts(), cut(result.worstLine()));
    }
    for (CheckResult result : results) {
      facts(result, out);
    }
    for (CheckResult result : results) {
      failures(result, out);
    }
    long failed = results.stream().filter(r -> !r.passed()).count();
    out.printf("%n%s%n", failed == 0 ? "All " + results.size() + " checks passed." : failed + " of " + results.size() + " checks FAILED.");
    out.flush();
  }

  private static void facts(CheckResult result, PrintStream out) {
    List<Findings.Fact> facts = result.cases().stream().flatMap(c -> c.facts().stream()).toList();
    if (!facts.isEmpty()) {
      out.printf("%n%s: %s%n", result.check(), result.title());
      int width = facts.stream().mapToInt(f -> f.what().length()).max().orElse(0);
      facts.forEach(f -> out.printf("  %-" + width + "s  %s%n", f.what(), f.value()));
    }
  }

  private static void failures(CheckResult result, PrintStream out) {
    List<String> lines = new ArrayList<>();
    for (CaseResult one : result.cases()) {
      if (one.error() != null) {
        lines.add(one.name() + ": " + one.error());
      }
      one.beyond().stream().map(Comparison::toString).forEach(lines::add);
    }
    if (!lines.isEmpty()) {
      out.printf("%n%s FAILED: %s%n", result.check(), result.title());
      lines.stream().limit(MOST_FAILURES).forEach(line -> out.println("  " + line));
      if (lines.size() > MOST_FAILURES) {
        out.println("  … and " + (lines.size() - MOST_FAILURES) + " more, see check.json");
      }
    }
  }

  private static String cut(String text) {
    return text.length() <= WIDEST ? text : text.substring(0, WIDEST - 1) + "…";
  }

  /** Writes {@code check.json}. */
  void write(Path file) throws IOException {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("backend", settings.backend());
    object.put("device", settings.device());
    object.put("passed", passed());
    object.put("checks", results);
    Files.write(file, JSON.writeValueAsBytes(object));
  }
}
