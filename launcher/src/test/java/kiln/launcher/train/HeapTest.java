package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.stream.Stream;
import kiln.launcher.KilnProcess;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.telemetry.StepMetrics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a training step leaves on the Java heap, once the Java machine has compiled what it does. */
class HeapTest {
  private static final int STEPS = 60;
  private static final int WARM = 20;

  /** Four micro-batches, those of the next step, which another thread brings in, and a line of metrics.jsonl. */
  private static final long BOUND = 12288;

  /** A bucket of gradients more or less, and numbers with more or fewer digits. */
  private static final long DIFFERENCE = 512;

  @TempDir Path temporary;

  @Test
  void shouldAllocateNothingThatGrowsWithTheModel() {
    long small = bytesOfAStep("small");
    long deep = bytesOfAStep("deep", "--set", "unet.layers_per_block=4", "--set", "text_encoder.num_layers=4");
    assertTrue(small > 0 && small < BOUND, "bytes=" + small);
    assertEquals(small, deep, DIFFERENCE);
  }

  @Test
  void shouldNameBytesOfEveryStep() {
    assertTrue(RunFiles.metricsOf(TinyRuns.finished()).stream().allMatch(m -> m.loss() == null || m.heapBytes() > 0));
  }

  /** The fewest of any step but the first ones: the compiler may still be at work beside some. */
  private long bytesOfAStep(String name, String... more) {
    Path run = temporary.resolve(name);
    String[] once = {"--steps", "" + STEPS, "--set", "save_every=" + STEPS, "--set", "validation.every=" + STEPS};
    KilnProcess.run(TinyRuns.train(run, Stream.concat(Stream.of(once), Stream.of(more)).toArray(String[]::new))).assertOk();
    return RunFiles.metricsOf(run).stream().filter(m -> m.step() > WARM).mapToLong(StepMetrics::heapBytes).min().orElseThrow();
  }
}
