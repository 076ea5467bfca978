package kiln.launcher.ranks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.TinyRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Processes that end in ways that nobody asked for. */
class LostRankTest {
  private static final Duration PROMPTLY = Duration.ofSeconds(10);
  private static final String FOREVER = "1000000";

  @TempDir Path temporary;

  private KilnProcess start(int ranks) {
    String count = Integer.toString(ranks);
    return KilnProcess.start(TinyRuns.train(temporary.resolve("run"), "--steps", FOREVER, "--ranks", count));
  }

  @ParameterizedTest
  @CsvSource({"0, 2", "2, 4"})
  void shouldEndAllRanksAndNameTheKilledOne(int victim, int size) {
    try (KilnProcess kiln = start(size)) {
      kiln.awaitOutput("saved ");
      List<ProcessHandle> ranks = kiln.children();
      assertEquals(size, ranks.size());
      KilnProcess.signal(kiln.rank(victim), "KILL");
      Outcome outcome = kiln.await(PROMPTLY);
      outcome.assertRefused(
          128 + 9, "rank " + victim + " of " + size + " was killed by signal 9 (KILL)", "all ranks have ended", "--resume");
      assertTrue(KilnProcess.allEnd(ranks, Duration.ZERO), "a rank survived the supervisor");
      assertTrue(Files.exists(temporary.resolve("run/checkpoints/step-000006/training.json")));
    }
  }

  @Test
  void shouldEndAllRanksIfOneIsKilledBeforeTheyMeet() {
    try (KilnProcess kiln = start(2)) {
      KilnProcess.signal(kiln.rank(1), "KILL");
      kiln.await(PROMPTLY).assertRefused(128 + 9, "rank 1 of 2 was killed by signal 9 (KILL)");
      assertTrue(KilnProcess.allEnd(kiln.children(), Duration.ZERO), "a rank survived the supervisor");
    }
  }

  @Test
  void shouldLeaveNoRankBehindIfTheSupervisorIsKilled() {
    try (KilnProcess kiln = start(2)) {
      kiln.awaitOutput("step 2/");
      List<ProcessHandle> ranks = kiln.children();
      assertEquals(2, ranks.size());
      kiln.signal("KILL");
      assertTrue(KilnProcess.allEnd(ranks, PROMPTLY), "a rank survived the supervisor");
    }
  }

  @Test
  void shouldReportOnceWhatAllRanksFind() {
    Path run = temporary.resolve("run");
    Outcome outcome =
        KilnProcess.run(TinyRuns.train(run, "--ranks", "2", "--set", "optimizer.learning_rate=1e30", "--max-skipped", "3"));
    outcome.assertRefused(ExitStatus.USER_ERROR, "the gradient's norm is", "--max-skipped", "optimizer.learning_rate");
    assertEquals(3, outcome.out().lines().filter(line -> line.matches("step \\d+: skipped, .*")).count(), outcome.out());
    assertFalse(Files.exists(run.resolve("checkpoints/step-000012")));
  }
}
