package kiln.launcher.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BadOptionTest {
  @TempDir Path temporary;

  private Path out() {
    return temporary.resolve("run");
  }

  /** Runs preset tiny-vae with {@code more}; nothing may come of it. */
  private Outcome train(String... more) {
    String[] command = new String[7 + more.length];
    System.arraycopy(
        new String[] {"train", "--preset", "tiny-vae", "--data", TinyRuns.data().toString(), "--out", out().toString()},
        0, command, 0, 7);
    System.arraycopy(more, 0, command, 7, more.length);
    Outcome outcome = KilnProcess.runHere(command);
    assertFalse(Files.exists(out()), "nothing may be made");
    return outcome;
  }

  @Test
  void shouldListNearOptions() {
    train("--rank", "2").assertRefused(ExitStatus.USAGE, "option --rank: unknown", "near: --ranks");
    train("--resum").assertRefused(ExitStatus.USAGE, "option --resum: unknown", "--resume");
    train("--sede=3").assertRefused(ExitStatus.USAGE, "option --sede: unknown", "--seed");
  }

  @Test
  void shouldListAllOptionsIfNoneIsNear() {
    train("--frobnicate").assertRefused(ExitStatus.USAGE, "option --frobnicate: unknown", "known: ", "--preset", "--vae");
  }

  @Test
  void shouldRefuseUnknownPrecisions() {
    train("--precision", "fp8").assertRefused(ExitStatus.USAGE, "option --precision: expected fp32 or bf16, found fp8");
    train("--set", "precision=half")
        .assertRefused(ExitStatus.USAGE, "preset: precision: expected one of float32, bf16, found half");
  }

  @Test
  void shouldRefuseBackendsThatCannotComputeHere() {
    train("--backend", "gpu")
        .assertRefused(ExitStatus.USAGE, "option --backend: expected auto, cpu, cuda or reference, found gpu");
    train("--backend", "cpu", "--device", "1")
        .assertRefused(ExitStatus.USAGE, "option --device: expected none with --backend cpu, found 1");
    train("--device", "-1").assertRefused(ExitStatus.USAGE, "option --device: expected at least 0, found -1");
    train("--backend", "cuda", "--ranks", "1", "--shard", "optimizer")
        .assertRefused(ExitStatus.USER_ERROR, "option --shard: expected none with --backend cuda", "found optimizer");
    assumeFalse(Files.exists(Path.of("/proc/driver/nvidia/version")), "the rest is skipped: a driver runs here");
    train("--backend", "cuda").assertRefused(ExitStatus.USER_ERROR, "option --backend: cuda: no NVIDIA driver runs");
    train("--device", "0", "--ranks", "1")
        .assertRefused(ExitStatus.USER_ERROR, "option --backend: cuda: no NVIDIA driver runs");
  }

  @Test
  void shouldListNearPresets() {
    KilnProcess.runHere("train", "--preset", "quikstart", "--data", "d", "--out", out().toString())
        .assertRefused(ExitStatus.USAGE, "option --preset: unknown preset quikstart", "near: quickstart");
    KilnProcess.runHere("train", "--preset", "imagenet", "--data", "d", "--out", out().toString())
        .assertRefused(ExitStatus.USAGE, "unknown preset imagenet", "known: ", "stamps", "tiny");
    assertFalse(Files.exists(out()));
  }

  @Test
  void shouldListNearCommands() {
    KilnProcess.runHere("trian").assertRefused(ExitStatus.USAGE, "command trian: unknown", "train");
    KilnProcess.runHere("data", "stamp").assertRefused(ExitStatus.USAGE, "command stamp: unknown");
    KilnProcess.runHere("data").assertRefused(ExitStatus.USAGE, "command: missing after data", "typography");
  }

  @Test
  void shouldRefuseWaysForGradientsThatDoNotExist() {
    train("--wire", "fp8").assertRefused(ExitStatus.USAGE, "option --wire: expected float32 or bf16, found fp8");
    train("--overlap", "maybe").assertRefused(ExitStatus.USAGE, "option --overlap: expected on or off, found maybe");
    train("--bucket-size", "much").assertRefused(ExitStatus.USAGE, "option --bucket-size: expected bytes", "found much");
    train("--bucket-size", "1k").assertRefused(ExitStatus.USAGE, "option --bucket-size: expected at least 4KiB, found 1k");
  }

  @Test
  void shouldRefuseGuardsWithNegativeNumbers() {
    train("--check-every", "-1").assertRefused(ExitStatus.USAGE, "option --check-every: expected at least 0, found -1");
    train("--max-skipped", "-1").assertRefused(ExitStatus.USAGE, "option --max-skipped: expected at least 0, found -1");
    train("--spike-threshold", "-1").assertRefused(ExitStatus.USAGE, "option --spike-threshold: expected at least 0");
  }

  @Test
  void shouldRefuseZeroOrNegativeRanks() {
    train("--ranks", "0").assertRefused(ExitStatus.USAGE, "option --ranks: expected at least 1, found 0");
    train("--ranks", "-1").assertRefused(ExitStatus.USAGE, "option --ranks: expected at least 1, found -1");
    train("--ranks", "two").assertRefused(ExitStatus.USAGE, "option --ranks: expected a whole number, found two");
  }

  @Test
  void shouldRefuseMoreRanksThanMicroBatches() {
    train("--ranks", "5")
        .assertRefused(
            ExitStatus.USER_ERROR, "option --ranks: expected at most 4 (batch 8 in micro-batches of 2), found 5");
    train("--ranks", "3")
        .assertRefused(ExitStatus.USER_ERROR, "option --ranks: expected a divisor of the 4 micro-batches, found 3");
  }

  @Test
  void shouldNameMissingOption() {
    KilnProcess.runHere("train", "--preset", "tiny").assertRefused(ExitStatus.USAGE, "option --data: missing, expected DIR");
  }

  @Test
  void shouldCheckNumbers() {
    train("--steps", "0").assertRefused(ExitStatus.USAGE, "option --steps: expected at least 1, found 0");
    train("--keep", "0").assertRefused(ExitStatus.USAGE, "option --keep: expected at least 1, found 0");
    train("--seed", "x").assertRefused(ExitStatus.USAGE, "option --seed: expected a whole number, found x");
  }

  @Test
  void shouldCheckReplacedValues() {
    train("--set", "optimizer.learning_rat=1")
        .assertRefused(ExitStatus.USAGE, "unknown key optimizer.learning_rat", "near: optimizer.learning_rate");
    train("--set", "batch=many").assertRefused(ExitStatus.USAGE, "batch: expected a whole number like 8, found many");
    train("--set", "batch=9")
        .assertRefused(ExitStatus.USAGE, "micro_batch: expected a divisor of batch 9, found 2");
    train("--set", "batch").assertRefused(ExitStatus.USAGE, "option --set: expected key=value, found batch");
    train("--set", "optimizer.learning_rate=-1")
        .assertRefused(ExitStatus.USAGE, "optimizer.learning_rate: expected more than 0, found -1");
    train("--set", "optimizer.schedule=bumpy")
        .assertRefused(ExitStatus.USAGE, "optimizer.schedule: expected one of constant, linear, cosine, found bumpy");
  }

  @Test
  void shouldAskForAutoencoder() {
    String[] command = {"train", "--preset", "tiny", "--data", TinyRuns.data().toString(), "--out", out().toString()};
    KilnProcess.runHere(command).assertRefused(ExitStatus.USER_ERROR, "option --vae: missing", "tiny-vae");
    train("--vae", "somewhere").assertRefused(ExitStatus.USER_ERROR, "option --vae", "trains its own autoencoder");
    assertFalse(Files.exists(out()));
  }

  @Test
  void shouldShowHelpOfEveryCommand() {
    Outcome outcome = KilnProcess.runHere("--help").assertOk();
    for (String name : new String[] {"data", "train", "presets", "generate", "score", "text2text", "quickstart", "stamps"}) {
      assertTrue(outcome.out().contains("  " + name), outcome.out());
      KilnProcess.runHere(name, "--help").assertOk();
    }
    assertTrue(KilnProcess.runHere("train", "--help").out().contains("tiny-vae"));
  }
}
