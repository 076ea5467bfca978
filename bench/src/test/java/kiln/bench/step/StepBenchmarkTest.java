package kiln.bench.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import kiln.bindings.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StepBenchmarkTest {
  private static final NamedCase TINY = NamedCase.ofPreset("tiny").getFirst();

  @TempDir private Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** A peer that prints a line, whatever the case. */
  private StepBenchmark benchmark(String line) throws IOException {
    Path script = Files.writeString(folder.resolve("peer.sh"), "echo starting\necho '" + line + "'\n");
    PrintStream to = new PrintStream(out, true, StandardCharsets.UTF_8);
    return new StepBenchmark(new SideProcess("sh", script), 1, false, to);
  }

  private static String outcome(long parameters, long flops) {
    return "{\"first_seconds\": 7.0, \"seconds\": [2.0, 4.0, 3.0], \"parameters\": " + parameters + ", \"flops\": " + flops
        + ", \"peak_bytes\": 1000000000}";
  }

  @Test
  void shouldPutBothSidesInARow() throws IOException {
    try (Work work = Work.of(TINY.make())) {
      Optional<String> row = benchmark(outcome(work.parameters(), work.forwardFlops())).run(TINY);
      String text = row.orElseThrow();
      assertTrue(text.startsWith("| tiny-f32 | "), text);
      assertTrue(text.contains("| 3.000 s (2.000–4.000) |") && text.contains("| 1.00 |"), text);
      assertEquals(StepBenchmark.heading().lines().findFirst().orElseThrow().split("\\|").length, text.split("\\|").length);
    }
    String said = out.toString(StandardCharsets.UTF_8);
    assertTrue(said.contains("PyTorch  3.000 s") && said.contains(", PyTorch 7.000 s"), said);
  }

  @Test
  void shouldRefuseToCompareDifferentNetworks() throws IOException {
    StepBenchmark other = benchmark(outcome(1, 1));
    assertTrue(assertThrows(IllegalStateException.class, () -> other.run(TINY)).getMessage().startsWith("parameters differ"));
  }

  @Test
  void shouldSayWhyTheOtherSideFailed() throws IOException {
    StepBenchmark broken = benchmark("'; echo 'no torch here' >&2; exit 1; echo '");
    UserException e = assertThrows(UserException.class, () -> broken.run(TINY));
    assertTrue(e.getMessage().contains("PyTorch's process") && e.getMessage().contains("no torch here"), e.getMessage());
  }
}
