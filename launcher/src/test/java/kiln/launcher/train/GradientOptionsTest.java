package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.telemetry.MetricsLog;
import kiln.launcher.telemetry.StepMetrics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How gradients go from rank to rank, by command-line option. */
class GradientOptionsTest {
  /** Relative, of losses; gradients are rounded to 8 bits and added up. */
  private static final double ROUNDED = 1e-2;

  @TempDir Path temporary;

  @Test
  void shouldSendRoundedGradientsAfterBackward() throws IOException {
    Path run = temporary.resolve("run");
    String[] options = {"--ranks", "2", "--wire", "bf16", "--bucket-size", "256KiB", "--overlap", "off"};
    Outcome outcome = KilnProcess.run(TinyRuns.train(run, options)).assertOk();
    assertTrue(outcome.out().contains("gradients: buckets of 0.3 MB, bf16 on the wire, after backward\n"), outcome.out());
    assertTrue(outcome.out().lines().anyMatch(line -> line.matches("gradients: .* MB a step in \\d+ buckets, .* ms .* hidden.*")));
    List<StepMetrics> expected = RunFiles.metrics(TinyRuns.finished());
    List<StepMetrics> actual = MetricsLog.read(run.resolve("metrics.jsonl"));
    assertEquals(expected.size(), actual.size());
    double differences = 0;
    for (int i = 1; i < actual.size(); i++) {
      assertEquals(expected.get(i).loss(), actual.get(i).loss(), ROUNDED * expected.get(i).loss());
      differences += Math.abs(expected.get(i).loss() - actual.get(i).loss());
      assertTrue(actual.get(i).communicationSeconds() > 0);
      assertTrue(actual.get(i).hiddenShare() >= 0 && actual.get(i).hiddenShare() <= 1);
      assertNull(actual.get(i).skipped());
    }
    assertTrue(differences > 0, "gradients were not rounded");
  }
}
