package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kiln.bindings.Onednn;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.checkpoint.TrainingRecord;
import kiln.launcher.preset.Precision;
import kiln.launcher.telemetry.StepMetrics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs in bfloat16, on processors that are made for it and on others. */
class PrecisionTest {
  private static final int STEPS = 3;
  private static final Map<String, String> WITHOUT_BF16 = Map.of("ONEDNN_MAX_CPU_ISA", "AVX512_CORE");

  @TempDir Path temporary;

  @Test
  void shouldTrainInBfloat16NearFloat32() {
    assumeTrue(Onednn.multipliesBf16(), "the processor does not multiply bfloat16 numbers");
    List<StepMetrics> wide = train("wide", Map.of(), "").steps();
    Trained narrow = train("narrow", Map.of(), "", "--precision", "bf16", "--ranks", "2");
    for (int i = 0; i < STEPS; i++) {
      assertEquals(wide.get(i).loss(), narrow.steps().get(i).loss(), 0.02 * wide.get(i).loss());
      assertNotEquals(wide.get(i).loss(), narrow.steps().get(i).loss());
    }
    assertEquals(Precision.BF16, narrow.record().preset().precision());
  }

  @Test
  void shouldWarnOnceAndTrainInFloat32WhereBfloat16IsNotMultiplied() {
    assumeTrue(Onednn.multipliesBf16(), "the processor may not have AVX-512 either");
    Trained wide = train("wide", WITHOUT_BF16, "");
    String warning =
        "kiln: warning: precision bf16: expected a processor with AVX512-BF16 or AMX, found avx512_core:"
            + " computing in float32\n";
    Trained narrow = train("narrow", WITHOUT_BF16, warning, "--set", "precision=bf16");
    for (int i = 0; i < STEPS; i++) {
      assertEquals(wide.steps().get(i).loss(), narrow.steps().get(i).loss());
    }
    assertEquals(Precision.FLOAT32, narrow.record().preset().precision());
  }

  private record Trained(List<StepMetrics> steps, TrainingRecord record) {}

  private Trained train(String name, Map<String, String> environment, String expectedErrors, String... more) {
    Path run = temporary.resolve(name);
    String[] small = {"--steps", Integer.toString(STEPS), "--set", "optimizer.warmup_steps=0"};
    String[] options = Stream.concat(Arrays.stream(small), Arrays.stream(more)).toArray(String[]::new);
    Outcome outcome = KilnProcess.run(environment, TinyRuns.train(run, options));
    assertEquals(0, outcome.status(), outcome::toString);
    assertEquals(expectedErrors, outcome.err(), outcome::toString);
    List<StepMetrics> steps = RunFiles.metrics(run).stream().filter(step -> step.loss() != null).toList();
    assertEquals(STEPS, steps.size());
    return new Trained(steps, TrainingRecord.read(run.resolve("checkpoints/step-00000" + STEPS)));
  }
}
