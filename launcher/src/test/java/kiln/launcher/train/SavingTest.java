package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.checkpoint.RunFolder;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When runs are saved, which checkpoints stay, and that nothing of it changes what is computed. */
class SavingTest {
  @TempDir Path temporary;

  private static List<String> steps(Path run) {
    return new RunFolder(run).all().stream().map(path -> path.getFileName().toString()).toList();
  }

  @Test
  void shouldSaveTheSameBesideTrainingAndInsteadOfIt() throws Exception {
    Path beside = temporary.resolve("beside");
    Path waiting = temporary.resolve("waiting");
    String[] often = {"--save-every", "1", "--keep", "99", "--ranks", "2", "--steps", "6"};
    Outcome saved = KilnProcess.run(with(TinyRuns.train(beside, often), "--async-save", "on")).assertOk();
    KilnProcess.run(with(TinyRuns.train(waiting, often), "--async-save", "off")).assertOk();
    for (int step = 1; step <= 6; step++) {
      RunFiles.assertSame(beside, waiting, step);
      assertTrue(saved.out().contains("saved " + RunFiles.checkpoint(beside, step)), saved::toString);
    }
    assertEquals("step-000006\n", Files.readString(beside.resolve("checkpoints/latest")));
    assertTrue(RunFiles.metricsOf(beside).stream().filter(m -> m.loss() != null).allMatch(m -> m.saveSeconds() != null));
  }

  @Test
  void shouldHoldTheSameTensorsWhateverRanksWriteAndDivide() {
    Path divided = temporary.resolve("divided");
    KilnProcess.run(TinyRuns.train(divided, "--ranks", "2", "--shard", "parameters", "--steps", "6")).assertOk();
    Path whole = temporary.resolve("whole");
    KilnProcess.run(TinyRuns.train(whole, "--ranks", "2", "--shard", "gradients", "--steps", "6")).assertOk();
    for (String set : List.of("unet", "ema/unet", "text_encoder", "ema/text_encoder", "optimizer/exp_avg", "optimizer/exp_avg_sq")) {
      Map<String, float[]> expected = RunFiles.tensors(place(RunFiles.checkpoint(whole, 6), set));
      Map<String, float[]> actual = RunFiles.tensors(place(RunFiles.checkpoint(divided, 6), set));
      assertEquals(expected.keySet(), actual.keySet());
      expected.forEach((name, numbers) -> assertArrayEquals(numbers, actual.get(name), set + " " + name));
    }
    KilnProcess.run(TinyRuns.train(divided, "--shard", "none", "--steps", "7", "--resume")).assertOk();
    KilnProcess.run(TinyRuns.train(whole, "--shard", "none", "--steps", "7", "--resume")).assertOk();
    RunFiles.assertSame(whole, divided, 7);
  }

  private static Path place(Path checkpoint, String set) {
    Path moments = checkpoint.resolve(set + ".safetensors.index.json");
    return Files.exists(moments) ? moments : checkpoint.resolve(set);
  }

  @Test
  void shouldSaveAtTheEndOfEpochsAndKeepTheNewestAndEveryKth() {
    Path run = temporary.resolve("run");
    KilnProcess.run(TinyRuns.train(run, "--save-every", "epoch", "--keep", "1", "--keep-every", "16", "--steps", "25")).assertOk();
    assertEquals(List.of("step-000016", "step-000025"), steps(run)); // 64 samples in batches of 8: of 8, 16, 24 and the last
  }

  @Test
  void shouldSaveByTheClock() {
    Path run = temporary.resolve("run");
    try (KilnProcess kiln = KilnProcess.start(TinyRuns.train(run, "--save-every", "1s", "--steps", "1000000", "--ranks", "2"))) {
      kiln.awaitOutput("saved " + run); // whichever step it is
      kiln.signal("TERM");
      kiln.await();
    }
    assertTrue(new RunFolder(run).latest().isPresent());
  }

  @Test
  void shouldRefuseOptionsThatMakeNoSense() {
    Path run = temporary.resolve("run");
    KilnProcess.runHere(TinyRuns.train(run, "--save-every", "soon"))
        .assertRefused(ExitStatus.USAGE, "--save-every: expected steps, a time or epochs", "found soon");
    KilnProcess.runHere(TinyRuns.train(run, "--keep", "0")).assertRefused(ExitStatus.USAGE, "--keep: expected at least 1, found 0");
    KilnProcess.runHere(TinyRuns.train(run, "--keep-every", "-1"))
        .assertRefused(ExitStatus.USAGE, "--keep-every: expected at least 0, found -1");
    assertTrue(Files.notExists(run));
  }

  private static String[] with(String[] command, String... more) {
    String[] all = Arrays.copyOf(command, command.length + more.length);
    System.arraycopy(more, 0, all, command.length, more.length);
    return all;
  }
}
