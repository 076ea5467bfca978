package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.TinyRuns;
import kiln.launcher.backend.FakeCudaLibraries;
import kiln.launcher.telemetry.MetricsLog;
import kiln.launcher.telemetry.StepMetrics;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several ranks on devices of the driver for tests train as one does. */
class CudaRanksTest {
  private static final int STEPS = 2; // in the second one buckets go in the order that the first one has shown

  /** Relative, of losses and norms: sums are added in another order. */
  private static final double NUMBERS = 1e-4;

  private static final double ROUNDED = 1e-2;

  @TempDir Path temporary;

  @TempDir private static Path shared;
  private static List<StepMetrics> one;

  @BeforeAll
  static void trainOnOne() {
    KilnProcess.run(devices(1), command(shared.resolve("one"), "--ranks", "1")).assertOk();
    one = steps(shared.resolve("one"));
    assertEquals(STEPS, one.size());
  }

  private static Map<String, String> devices(int number) {
    Map<String, String> variables = new HashMap<>(FakeCudaLibraries.device());
    variables.put("KILN_FAKE_CUDA_DEVICES", Integer.toString(number));
    return variables;
  }

  private static String[] command(Path run, String... more) {
    List<String> small =
        List.of("--backend", "cuda", "--steps", Integer.toString(STEPS), "--set", "optimizer.warmup_steps=0");
    return TinyRuns.train(run, Stream.concat(small.stream(), Stream.of(more)).toArray(String[]::new));
  }

  private static List<StepMetrics> steps(Path run) {
    try {
      return MetricsLog.read(run.resolve("metrics.jsonl")).stream().filter(step -> step.loss() != null).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void assertAlike(Map<String, String> environment, String line, double bound, String... options) {
    Path run = temporary.resolve("run");
    Outcome outcome = KilnProcess.run(environment, command(run, options)).assertOk();
    assertTrue(outcome.out().contains(line), outcome::toString);
    List<StepMetrics> other = steps(run);
    assertEquals(STEPS, other.size());
    for (int i = 0; i < STEPS; i++) {
      assertEquals(one.get(i).loss(), other.get(i).loss(), bound * one.get(i).loss());
      assertEquals(one.get(i).gradNorm(), other.get(i).gradNorm(), 10 * bound * one.get(i).gradNorm());
      assertTrue(other.get(i).communicationSeconds() > 0, "times of what a device has done");
    }
  }

  @Test
  void shouldJoinGpusByNccl() {
    assertAlike(devices(2), "GPUs of 2 ranks are joined by NCCL\n", NUMBERS, "--ranks", "2");
  }

  @Test
  void shouldJoinRanksOfOneGpuThroughTheHost() {
    String line = "GPUs of 2 ranks are joined through the memory of their machines\n";
    assertAlike(devices(1), line, ROUNDED, "--ranks", "2", "--wire", "bf16");
  }

  @Test
  void shouldRefuseNcclWithoutAGpuForEachRank() {
    String[] shared = command(temporary.resolve("shared"), "--ranks", "2", "--transport", "nccl");
    Outcome outcome = KilnProcess.run(devices(1), shared);
    String line = "option --transport: nccl needs a GPU for each rank, found ranks 0 and 1 on one (Kiln test device ";
    assertTrue(outcome.err().contains(line), outcome::toString);
    assertTrue(outcome.err().contains("); local, mpi and hierarchical go through the host's memory"), outcome::toString);
    String[] processor =
        TinyRuns.train(temporary.resolve("processor"), "--ranks", "2", "--transport", "nccl", "--backend", "cpu");
    Outcome refused = KilnProcess.run(processor);
    assertTrue(
        refused.err().contains("option --transport: nccl joins GPUs, expected --backend cuda with it, or another transport"),
        refused::toString);
  }
}
