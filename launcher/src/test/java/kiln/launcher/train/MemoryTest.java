package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kiln.bindings.Onednn;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.checkpoint.TrainingRecord;
import kiln.launcher.ranks.ExitStatus;
import kiln.launcher.telemetry.StepMetrics;
import kiln.model.pass.Remat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs that compute activations once more, because they were told to or because memory is short. */
class MemoryTest {
  private static final int STEPS = 2;
  private static final Pattern LEAST = Pattern.compile("expected at least ([0-9.]+) GB: .*, found 0\\.001 GB");

  @TempDir Path temporary;

  @Test
  void shouldTrainToTheSameBitsWhateverIsComputedOnceMore() {
    List<Double> kept = losses("none");
    List<Double> blocks = losses("blocks", "--remat", "blocks");
    assertEquals(kept, blocks);
    List<Double> onTwoRanks = losses("ranks", "--ranks", "2"); // other threads: sums of another order
    assertEquals(onTwoRanks, losses("full", "--set", "remat=full", "--ranks", "2"), "the preset's field, on two ranks");
    assertEquals(Remat.BLOCKS, TrainingRecord.read(temporary.resolve("blocks/checkpoints/step-000002")).preset().remat());
  }

  @Test
  void shouldComputeAsMuchOnceMoreAsMemoryAsksFor() {
    Outcome refused = train("refused", "--memory", "1MB");
    assertEquals(ExitStatus.USER_ERROR, refused.status(), refused::toString);
    assertEquals(1, refused.err().lines().count(), refused::toString);
    Matcher least = LEAST.matcher(refused.err());
    assertTrue(least.find(), refused::toString);
    String megabytes = Math.round(Double.parseDouble(least.group(1)) * 1000) + "MB";

    Outcome tight = train("tight", "--memory", megabytes).assertOk();
    assertTrue(tight.out().contains("; remat none would need "), tight::toString);
    assertFalse(tight.out().contains("memory: remat none "), tight::toString);
    Outcome ample = train("ample", "--memory", "64GB").assertOk();
    assertTrue(ample.out().contains("memory: remat none needs at most "), ample::toString);
    assertEquals(RunFiles.metrics(temporary.resolve("ample")).getLast().loss(), last("tight"));
    String tooLittle = Math.round(Double.parseDouble(least.group(1)) * 1000) - 2 + "MB";
    train("little", "--memory", tooLittle).assertRefused(ExitStatus.USER_ERROR, "option --memory: expected at least");
  }

  @Test
  void shouldGiveUpTheCopyOfTheWeightsBeforeItComputesMoreOnceMore() {
    assumeTrue(Onednn.multipliesBf16(), "no run in bfloat16: this processor does not multiply such numbers");
    Outcome refused = train("refused", "--precision", "bf16", "--memory", "1MB");
    assertTrue(refused.err().contains(" without bfloat16 copy), found "), refused::toString);
    Matcher least = LEAST.matcher(refused.err());
    assertTrue(least.find(), refused::toString);
    String megabytes = Math.round(Double.parseDouble(least.group(1)) * 1000) + "MB";
    Outcome tight = train("tight", "--precision", "bf16", "--memory", megabytes).assertOk();
    assertTrue(tight.out().contains(" without bfloat16 copy needs at most "), tight::toString);
    assertTrue(tight.out().contains("; remat none without bfloat16 copy would need "), tight::toString);
  }

  @Test
  void shouldRefuseWhatItDoesNotKnow() {
    train("a", "--remat", "most").assertRefused(ExitStatus.USAGE, "option --remat: expected none, blocks or full, found most");
    train("b", "--memory", "much")
        .assertRefused(ExitStatus.USAGE, "option --memory: expected bytes as in 2GB or 500MiB, found much");
    train("c", "--set", "remat=some")
        .assertRefused(ExitStatus.USAGE, "preset: remat: expected one of none, blocks, full, found some");
  }

  private Double last(String name) {
    return RunFiles.metrics(temporary.resolve(name)).getLast().loss();
  }

  private List<Double> losses(String name, String... more) {
    train(name, more).assertOk();
    return RunFiles.metrics(temporary.resolve(name)).stream().map(StepMetrics::loss).toList();
  }

  private Outcome train(String name, String... more) {
    String[] small = {"--steps", Integer.toString(STEPS), "--set", "optimizer.warmup_steps=0", "--set", "micro_batch=4"};
    String[] options = Stream.concat(Arrays.stream(small), Arrays.stream(more)).toArray(String[]::new);
    return KilnProcess.run(TinyRuns.train(temporary.resolve(name), options));
  }
}
