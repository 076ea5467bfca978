package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.backend.FakeCudaLibraries;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs on a device, on the driver for tests, whose streams do their work only when somebody waits for it. */
class CudaRunTest {
  private static final int STEPS = 4;

  @TempDir Path temporary;

  private static String[] command(Path out, int steps, String... more) {
    List<String> common =
        List.of(
            "train", "--preset", "tiny-vae", "--data", TinyRuns.data().toString(), "--out", out.toString(), "--backend", "cuda",
            "--steps", Integer.toString(steps));
    return Stream.concat(common.stream(), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void shouldGoOnWithTheSameBitsFromACheckpoint() {
    Map<String, String> device = FakeCudaLibraries.device();
    Path through = temporary.resolve("through");
    Outcome first = KilnProcess.run(device, command(through, STEPS, "--save-every", "2")).assertOk();
    String lines = "backend cuda: Kiln test device (sm_90, 2.0 GiB)\nmemory: remat none needs at most 0.4";
    assertTrue(first.out().startsWith(lines), first::toString);
    assertTrue(first.out().contains(", CUDA 0.400; GPU 0 (Kiln test device) has 2.147 GB free\n"), first::toString);
    double peak = RunFiles.metricsOf(through).get(1).peakMemory();
    assertTrue(peak > 32 && peak < 60, () -> peak + " MB: of the GPU's memory, with the products' scratch of 34 MB");
    Path resumed = TinyRuns.copy(through, temporary.resolve("resumed"));
    TinyRuns.delete(RunFiles.checkpoint(resumed, STEPS));
    Outcome outcome = KilnProcess.run(device, command(resumed, STEPS, "--save-every", "2", "--resume")).assertOk();
    assertTrue(outcome.out().contains("step 3/4") && !outcome.out().contains("step 2/4"), outcome::toString);
    RunFiles.assertSame(through, resumed, STEPS);
  }

  @Test
  void shouldEndInOneLineWithNumbersIfTheGpuIsTooSmall() {
    KilnProcess.run(FakeCudaLibraries.variables(300 << 20), command(temporary.resolve("run"), STEPS))
        .assertRefused(
            ExitStatus.USER_ERROR, "GPU 0 (Kiln test device): expected at least 0.4", " GB: weights and optimizer ",
            " (remat full), found 0.314 GB free; a smaller micro_batch needs less");
    // What products want is there, and little more.
    KilnProcess.run(FakeCudaLibraries.variables(33_600_000), command(temporary.resolve("run"), STEPS))
        .assertRefused(
            ExitStatus.USER_ERROR, "out of memory on the GPU: the device has no room for weights: wanted ", " of 33600000 free");
  }

  @Test
  void shouldSayThatProcessorsComputeWhereNoGpuIs() {
    assumeFalse(Files.exists(Path.of("/proc/driver/nvidia/version")), "skipped: a driver runs here");
    String[] auto = command(temporary.resolve("run"), STEPS, "--memory", "1MB"); // which ends it soon
    auto = Stream.of(auto).map(word -> word.equals("cuda") ? "auto" : word).toArray(String[]::new);
    Outcome outcome = KilnProcess.run(auto);
    assertTrue(outcome.out().startsWith("backend cpu: no NVIDIA driver runs\n"), outcome::toString);
  }
}
