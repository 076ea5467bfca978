package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.backend.FakeCudaLibraries;
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
    KilnProcess.run(device, command(through, STEPS, "--save-every", "2")).assertOk();
    Path resumed = TinyRuns.copy(through, temporary.resolve("resumed"));
    TinyRuns.delete(RunFiles.checkpoint(resumed, STEPS));
    Outcome outcome = KilnProcess.run(device, command(resumed, STEPS, "--save-every", "2", "--resume")).assertOk();
    assertTrue(outcome.out().contains("step 3/4") && !outcome.out().contains("step 2/4"), outcome::toString);
    RunFiles.assertSame(through, resumed, STEPS);
  }

  @Test
  void shouldSayWhatDoesNotFitIntoTheDevice() {
    Map<String, String> small = new HashMap<>(FakeCudaLibraries.device());
    small.put("KILN_FAKE_CUDA_MEMORY", Long.toString(64L << 20));
    Outcome outcome = KilnProcess.run(small, command(temporary.resolve("run"), STEPS));
    outcome.assertRefused(1, "GPU 0");
  }
}
