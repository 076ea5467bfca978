package kiln.bench.gpu.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import kiln.model.Comparison;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of processes that do not do what they should; shells stand for them. */
class CheckRunTest {
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final String PASSED = end(CaseResult.of("good", new Findings(List.of(comparison(0.5)), List.of())));

  @TempDir private Path folder;

  private static Comparison comparison(double difference) {
    return new Comparison("tensor", difference, 1, "somewhere");
  }

  private static String begin(String name) {
    return "echo '" + CheckProcess.BEGIN + "\"" + name + "\"'; ";
  }

  private static String end(CaseResult result) {
    return "echo '" + CheckProcess.END + CheckProcess.JSON.writeValueAsString(result) + "'; ";
  }

  private List<CaseResult> run(int numCases, Duration limit, CheckRun.Starter starter) throws IOException, InterruptedException {
    return new CheckRun(starter, numCases, limit, folder.resolve("log").toFile()).run();
  }

  private static List<String> shell(String script) {
    return List.of("sh", "-c", script);
  }

  @Test
  void shouldMakeACrashTheFailureOfItsCaseAndGoOnWithTheNext() throws IOException, InterruptedException {
    List<CaseResult> results =
        run(3, LONG, first -> switch (first) {
          case 0 -> shell(begin("good") + PASSED + begin("bad") + "kill -9 $$");
          case 2 -> shell(begin("last") + PASSED);
          default -> throw new IllegalArgumentException("started at case " + first);
        });
    assertEquals(3, results.size());
    assertTrue(results.get(0).passed());
    assertEquals("bad: the process crashed with status 137", results.get(1).name() + ": " + results.get(1).error());
    assertTrue(results.get(2).passed());
    CheckResult check = CheckResult.of(Check.OPERATIONS, 1, results);
    assertFalse(check.passed());
    assertEquals(0.5, check.worst().difference());
  }

  @Test
  void shouldEndACaseThatHangs() throws IOException, InterruptedException {
    List<CaseResult> results = run(1, Duration.ofSeconds(1), _ -> shell(begin("slow") + "exec sleep 600"));
    assertEquals("no result within 1 s", results.getFirst().error());
    assertEquals("slow", results.getFirst().name());
  }

  @Test
  void shouldFailWhereAProcessDoesNotEvenBegin() throws IOException, InterruptedException {
    List<CaseResult> results = run(1, LONG, _ -> shell("exit 5"));
    assertEquals("the process ended with status 5 before any case", results.getFirst().error());
  }

  @Test
  void shouldStopWhereEveryProcessFails() throws IOException, InterruptedException {
    List<CaseResult> results = run(500, LONG, _ -> shell(begin("bad") + "exit 1"));
    assertTrue(results.getLast().error().contains("cases not begun"), results.getLast().toString());
  }

  @Test
  void shouldPutWhatIsNoNumberBeforeEverythingElse() {
    Findings findings = new Findings(List.of(comparison(2), comparison(Double.NaN), comparison(0)), List.of());
    CaseResult result = CaseResult.of("case", findings);
    assertFalse(result.passed());
    assertTrue(Double.isNaN(result.worst().difference()));
    assertEquals(2, result.beyond().size());
  }

  @Test
  void shouldNotPassACheckOfNothing() {
    assertFalse(CheckResult.of(Check.OPERATIONS, 1, List.of()).passed());
  }
}
