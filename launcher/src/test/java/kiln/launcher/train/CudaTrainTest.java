package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.backend.CudaStates;
import kiln.launcher.backend.FakeCudaLibraries;
import kiln.launcher.ranks.ExitStatus;
import kiln.launcher.telemetry.StepMetrics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs of the command on the GPU for tests, whatever one knows of the arithmetic from model's tests. */
class CudaTrainTest {
  private static final long AMPLE = 1L << 30;

  @TempDir Path temporary;

  private Outcome train(Map<String, String> environment, String... more) {
    List<String> command = new ArrayList<>(List.of("train", "--preset", "tiny-vae", "--data", TinyRuns.data().toString()));
    command.addAll(List.of("--out", temporary.resolve("run").toString(), "--steps", "2"));
    command.addAll(List.of(more));
    return KilnProcess.run(environment, command.toArray(String[]::new));
  }

  private static List<StepMetrics> steps(Path run) {
    return RunFiles.metricsOf(run).stream().filter(step -> step.loss() != null).toList();
  }

  @Test
  void shouldTakeAGpuThatIsThereAndTrainAsOnProcessors() {
    Outcome outcome = train(FakeCudaLibraries.variables(AMPLE)).assertOk();
    assertTrue(outcome.out().startsWith("backend cuda: Kiln test device (sm_90, 1.0 GiB)\n"), outcome::toString);
    String memory = "CUDA 0.400; GPU 0 (Kiln test device) has 1.073 GB free";
    assertTrue(outcome.out().contains(memory), outcome::toString);
    List<StepMetrics> expected = steps(TinyRuns.vae());
    List<StepMetrics> found = steps(temporary.resolve("run"));
    assertEquals(2, found.size());
    for (int i = 0; i < found.size(); i++) {
      assertEquals(expected.get(i).loss(), found.get(i).loss(), 1e-4 * expected.get(i).loss());
    }
    double peak = found.getLast().peakMemory();
    assertTrue(peak > 32 && peak < 60, () -> peak + " MB: of the GPU's memory, with the products' scratch of 34 MB");
  }

  @Test
  void shouldEndInOneLineWithNumbersIfTheGpuIsTooSmall() {
    train(FakeCudaLibraries.variables(300 << 20))
        .assertRefused(
            ExitStatus.USER_ERROR, "GPU 0 (Kiln test device): expected at least 0.4", " GB: weights and optimizer ",
            " (remat full), found 0.314 GB free; a smaller micro_batch needs less");
    train(FakeCudaLibraries.variables(33_600_000)) // what products want is there, and little more
        .assertRefused(
            ExitStatus.USER_ERROR, "out of memory on the GPU: the device has no room for weights: wanted ", " of 33600000 free");
  }

  @Test
  void shouldSayThatProcessorsComputeWhereNoGpuIs() {
    assumeTrue(!Files.exists(Path.of("/proc/driver/nvidia/version")), "skipped: a driver runs here");
    Outcome auto = train(Map.of(), "--memory", "1MB"); // which ends it soon
    String line = "backend cpu: " + CudaStates.noDriver().problem().orElseThrow();
    assertTrue(auto.out().startsWith(line + "\n"), auto::toString);
  }
}
