package kiln.launcher.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {
  @TempDir Path temporary;

  private static StepMetrics step(long number) {
    return new StepMetrics(number, 1.0 / number, 2.0, 1e-3, 10.0, 0.5, 100.0, 4096L, null, null, null, null, null, null, null);
  }

  private Path file() {
    return temporary.resolve("metrics.jsonl");
  }

  private void write(int steps) {
    try (MetricsLog log = MetricsLog.open(file(), 0)) {
      log.append(StepMetrics.validation(0, 3));
      for (int i = 1; i <= steps; i++) {
        log.append(step(i));
      }
    }
  }

  @Test
  void shouldWriteOneObjectPerLine() throws IOException {
    write(2);
    assertEquals(
        List.of(
            "{\"step\":0,\"validation_loss\":3.0}",
            "{\"step\":1,\"loss\":1.0,\"grad_norm\":2.0,\"learning_rate\":0.001,\"samples_per_second\":10.0,\"tflops\":0.5,"
                + "\"peak_memory\":100.0,\"heap_bytes\":4096}",
            "{\"step\":2,\"loss\":0.5,\"grad_norm\":2.0,\"learning_rate\":0.001,\"samples_per_second\":10.0,\"tflops\":0.5,"
                + "\"peak_memory\":100.0,\"heap_bytes\":4096}"),
        Files.readAllLines(file()));
  }

  @Test
  void shouldDropStepsAfterTheOneThatIsGoneOnFrom() throws IOException {
    write(5);
    try (MetricsLog log = MetricsLog.open(file(), 3)) {
      assertEquals(List.of(0L, 1L, 2L, 3L), log.steps().stream().map(StepMetrics::step).toList());
      log.append(step(4));
    }
    assertEquals(List.of(0L, 1L, 2L, 3L, 4L), MetricsLog.read(file()).stream().map(StepMetrics::step).toList());
  }

  @Test
  void shouldReadUpToLineThatWasCutShort() throws IOException {
    write(3);
    String text = Files.readString(file());
    Files.writeString(file(), text.substring(0, text.length() - 20));
    assertEquals(List.of(0L, 1L, 2L), MetricsLog.read(file()).stream().map(StepMetrics::step).toList());
  }

  @Test
  void shouldBeginAnewWithoutOldLines() throws IOException {
    write(3);
    MetricsLog.open(file(), 0).close();
    assertEquals("", Files.readString(file()));
  }

  @Test
  void shouldDrawCurve() throws IOException {
    write(50);
    Path picture = temporary.resolve("loss.png");
    for (List<StepMetrics> steps : List.of(MetricsLog.read(file()), List.<StepMetrics>of(), List.of(step(1)))) {
      LossCurve.write(picture, "tiny", steps);
      assertTrue(ImageIO.read(picture.toFile()).getWidth() > 300);
    }
    try (var entries = Files.list(temporary)) {
      assertEquals(2, entries.count(), "nothing lies beside the picture and the log");
    }
  }
}
