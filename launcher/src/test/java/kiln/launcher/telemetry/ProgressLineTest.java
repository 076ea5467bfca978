package kiln.launcher.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  private String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static void show(ProgressLine line, long step) {
    line.show(new StepMetrics(step, 0.25, 1.5, 2e-4, 33.3, 0.125, 512.0, 4096L, null, null, null, null, null, null, null), Duration.ofSeconds(3725));
  }

  @Test
  void shouldSayEverythingInOneLine() {
    show(new ProgressLine(out, false, 10, 1), 3);
    assertEquals(
        "step 3/10  loss 0.2500  grad 1.500  lr 2.00e-04  33.3 samples/s  0.125 TFLOP/s  ETA 1:02:05  512 MB\n", text());
  }

  @Test
  void shouldPrintPlainLinesEveryFewStepsWithoutTerminal() {
    ProgressLine line = new ProgressLine(out, false, 10, 4);
    for (int step = 1; step <= 10; step++) {
      show(line, step);
    }
    line.end();
    List<String> steps = text().lines().map(l -> l.substring(0, l.indexOf("  "))).toList();
    assertEquals(List.of("step 1/10", "step 4/10", "step 8/10", "step 10/10"), steps);
    assertFalse(text().contains("\r") || text().contains("\u001b"), "no control characters");
  }

  @Test
  void shouldRewriteItsLineOnTerminal() {
    ProgressLine line = new ProgressLine(out, true, 10, 4);
    for (int step = 1; step <= 10; step++) {
      show(line, step);
    }
    line.say("saved");
    assertTrue(text().startsWith("\r\u001b[Kstep 1/10"), text());
    assertTrue(text().endsWith("512 MB\nsaved\n"), text());
    assertEquals(2, text().chars().filter(c -> c == '\n').count(), "lines");
  }

  @Test
  void shouldWriteDurationsAsClocks() {
    assertEquals("0:00", ProgressLine.clock(Duration.ZERO));
    assertEquals("9:59", ProgressLine.clock(Duration.ofSeconds(599)));
    assertEquals("25:00:01", ProgressLine.clock(Duration.ofSeconds(90_001)));
  }
}
