package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kiln.launcher.KilnProcess;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.backend.FakeCudaLibraries;
import kiln.launcher.telemetry.StepMetrics;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole run does not depend on who computes it. */
class BackendsAgreeTest {
  private static final int STEPS = 2;

  @TempDir Path temporary;

  @TempDir private static Path shared;
  private static List<StepMetrics> cpu;

  @BeforeAll
  static void trainOnProcessors() {
    cpu = train(shared, Map.of(), "cpu");
    assertEquals(STEPS, cpu.size());
  }

  @Test
  void shouldTrainAlikeWithReferenceKernels() {
    assertAlike(train(temporary, Map.of(), "reference"));
  }

  @Test
  void shouldTrainAlikeOnADevice() {
    assertAlike(train(temporary, FakeCudaLibraries.device(), "cuda"));
  }

  private static void assertAlike(List<StepMetrics> other) {
    assertEquals(STEPS, other.size());
    for (int i = 0; i < STEPS; i++) {
      assertEquals(cpu.get(i).loss(), other.get(i).loss(), 1e-4 * cpu.get(i).loss());
      assertEquals(cpu.get(i).gradNorm(), other.get(i).gradNorm(), 1e-3 * cpu.get(i).gradNorm());
    }
  }

  private static List<StepMetrics> train(Path temporary, Map<String, String> environment, String backend) {
    Path run = temporary.resolve(backend);
    String steps = Integer.toString(STEPS);
    String[] small = {"--backend", backend, "--steps", steps, "--set", "optimizer.warmup_steps=0"};
    KilnProcess.run(environment, TinyRuns.train(run, small)).assertOk();
    return RunFiles.metrics(run).stream().filter(step -> step.loss() != null).toList();
  }
}
