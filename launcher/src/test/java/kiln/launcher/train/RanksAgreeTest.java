package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import kiln.launcher.KilnProcess;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.telemetry.StepMetrics;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * However the samples of a step are spread over ranks and micro-batches, a run computes the same, up to the order in which
 * float32 numbers are added.
 */
class RanksAgreeTest {
  private static final int STEPS = 12;

  /** Relative, of the losses and the gradient's norm of each step; they drift apart with the weights. */
  private static final double NUMBERS = 2e-5;

  /**
   * Root mean square of the weights' differences, as a part of that of their way in the second half. AdamW makes steps of the
   * learning rate's size out of gradients near zero, whose sign may depend on the order of the sum; seen: 7e-6.
   */
  private static final double WEIGHTS = 1e-4;

  @TempDir Path temporary;

  @ParameterizedTest
  @CsvSource({"1, 8", "2, 4", "2, 1", "4, 2"})
  void shouldTrainAlike(int ranks, int microBatch) {
    Path run = temporary.resolve("run");
    String[] command =
        TinyRuns.train(run, "--ranks", Integer.toString(ranks), "--set", "micro_batch=" + microBatch, "--keep", "3");
    KilnProcess.run(command).assertOk();

    assertSameLosses(TinyRuns.finished(), run);

    float[] half = RunFiles.weights(RunFiles.checkpoint(TinyRuns.finished(), STEPS / 2));
    float[] end = RunFiles.weights(RunFiles.checkpoint(TinyRuns.finished(), STEPS));
    double difference = distance(end, RunFiles.weights(RunFiles.checkpoint(run, STEPS)));
    double way = distance(half, end);
    assertTrue(difference <= WEIGHTS * way, () -> "difference " + difference + " of weights that moved by " + way);
  }

  /** Losses, norms and learning rates of each step. */
  static void assertSameLosses(Path expectedRun, Path run) {
    List<StepMetrics> expected = RunFiles.metrics(expectedRun);
    List<StepMetrics> actual = RunFiles.metrics(run);
    assertEquals(STEPS + 1, expected.size());
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      StepMetrics e = expected.get(i);
      StepMetrics a = actual.get(i);
      assertEquals(e.step(), a.step());
      assertEquals(e.learningRate(), a.learningRate());
      assertNear("loss", e.step(), e.loss(), a.loss());
      assertNear("gradient norm", e.step(), e.gradNorm(), a.gradNorm());
      assertNear("validation loss", e.step(), e.validationLoss(), a.validationLoss());
    }
  }

  private static void assertNear(String what, long step, Double expected, Double actual) {
    assertEquals(expected == null, actual == null, what);
    if (expected != null) {
      assertEquals(expected, actual, NUMBERS * expected, what + " of step " + step);
    }
  }

  /** Root mean square. */
  private static double distance(float[] a, float[] b) {
    assertEquals(a.length, b.length);
    double squares = 0;
    for (int i = 0; i < a.length; i++) {
      double d = (double) a[i] - b[i];
      squares += d * d;
    }
    return Math.sqrt(squares / a.length);
  }
}
