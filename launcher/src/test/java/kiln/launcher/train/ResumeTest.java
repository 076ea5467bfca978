package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that was interrupted and went on ends with the same bits as one that was not. */
class ResumeTest {
  private static final int STEPS = 45;
  private static final Duration PROMPTLY = Duration.ofSeconds(10);

  @TempDir private static Path shared;
  private static Path uninterrupted;

  @TempDir Path temporary;

  private static String[] command(Path out, String... more) {
    Stream<String> own = Stream.of("--steps", Integer.toString(STEPS), "--ranks", "2", "--set", "save_every=15");
    return TinyRuns.train(out, Stream.concat(own, Stream.of(more)).toArray(String[]::new));
  }

  @BeforeAll
  static void train() {
    uninterrupted = shared.resolve("uninterrupted");
    KilnProcess.run(command(uninterrupted)).assertOk();
  }

  @Test
  void shouldGoOnWithTheSameBitsAfterSignal() {
    Path run = temporary.resolve("run");
    try (KilnProcess kiln = KilnProcess.start(command(run))) {
      kiln.awaitOutput("step 4/");
      kiln.signal("TERM");
      Outcome outcome = kiln.await().assertStopped();
      assertTrue(outcome.out().contains("stopped after step "), outcome::toString);
    }
    KilnProcess.run(command(run, "--resume")).assertOk();
    RunFiles.assertSame(uninterrupted, run, STEPS);
  }

  @Test
  void shouldGoOnWithTheSameBitsAfterRankWasKilled() {
    Path run = temporary.resolve("run");
    try (KilnProcess kiln = KilnProcess.start(command(run))) {
      kiln.awaitOutput("step 17/");
      KilnProcess.signal(kiln.rank(1), "KILL");
      kiln.await(PROMPTLY).assertRefused(128 + 9, "rank 1 of 2 was killed");
    }
    assertFalse(Files.exists(RunFiles.checkpoint(run, STEPS)));
    KilnProcess.run(command(run, "--resume")).assertOk();
    RunFiles.assertSame(uninterrupted, run, STEPS);
  }

  @Test
  void shouldGoOnWithTheSameBitsAfterSupervisorWasKilled() {
    Path run = temporary.resolve("run");
    try (KilnProcess kiln = KilnProcess.start(command(run))) {
      kiln.awaitOutput("step 31/");
      List<ProcessHandle> ranks = kiln.children();
      kiln.signal("KILL");
      assertTrue(KilnProcess.allEnd(ranks, PROMPTLY));
    }
    assertFalse(Files.exists(RunFiles.checkpoint(run, STEPS)));
    Outcome outcome = KilnProcess.run(command(run, "--resume")); // with a warning, if a save was under way
    assertEquals(ExitStatus.OK, outcome.status(), outcome::toString);
    RunFiles.assertSame(uninterrupted, run, STEPS);
  }

  @Test
  void shouldBeginAnewIfThereIsNoCheckpointYet() {
    Path run = temporary.resolve("run");
    KilnProcess.run(TinyRuns.train(run, "--resume", "--steps", "2", "--set", "validation.every=2")).assertOk();
    assertTrue(Files.exists(RunFiles.checkpoint(run, 2).resolve("training.json")));
  }

  @Test
  void shouldSayThatFinishedRunIsComplete() {
    Path run = TinyRuns.copy(TinyRuns.finished(), temporary.resolve("run"));
    Outcome outcome = KilnProcess.run(TinyRuns.train(run, "--resume")).assertOk();
    assertTrue(outcome.out().contains("complete: all 12 steps"), outcome::toString);
    RunFiles.assertSame(TinyRuns.finished(), run, 12);
  }

  @Test
  void shouldKeepOnlyTheNewestCheckpoints() {
    Path run = temporary.resolve("run");
    String[] command =
        TinyRuns.train(run, "--steps", "4", "--keep", "1", "--set", "save_every=1", "--set", "validation.every=4");
    KilnProcess.run(command).assertOk();
    assertEquals(
        List.of("latest", "step-000004"),
        Stream.of(run.resolve("checkpoints").toFile().list()).sorted().toList());
    KilnProcess.runHere(command).assertRefused(ExitStatus.USER_ERROR, "--resume");
  }
}
