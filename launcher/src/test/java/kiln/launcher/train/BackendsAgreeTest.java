package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import kiln.launcher.KilnProcess;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.telemetry.StepMetrics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole run does not depend on who computes it. */
class BackendsAgreeTest {
  private static final int STEPS = 2;

  @TempDir Path temporary;

  @Test
  void shouldTrainAlikeWithReferenceKernels() {
    List<StepMetrics> cpu = train("cpu");
    List<StepMetrics> reference = train("reference");
    assertEquals(STEPS, cpu.size());
    assertEquals(STEPS, reference.size());
    for (int i = 0; i < STEPS; i++) {
      assertEquals(cpu.get(i).loss(), reference.get(i).loss(), 1e-4 * cpu.get(i).loss());
      assertEquals(cpu.get(i).gradNorm(), reference.get(i).gradNorm(), 1e-3 * cpu.get(i).gradNorm());
    }
  }

  private List<StepMetrics> train(String backend) {
    Path run = temporary.resolve(backend);
    String steps = Integer.toString(STEPS);
    String[] small = {"--backend", backend, "--steps", steps, "--set", "optimizer.warmup_steps=0"};
    KilnProcess.run(TinyRuns.train(run, small)).assertOk();
    return RunFiles.metrics(run).stream().filter(step -> step.loss() != null).toList();
  }
}
