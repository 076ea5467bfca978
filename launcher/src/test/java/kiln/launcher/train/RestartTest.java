package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import kiln.launcher.KilnProcess;
import kiln.launcher.MpiRuns;
import kiln.launcher.Outcome;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ranks that are lost and started again. */
class RestartTest {
  private static final int STEPS = 24;
  private static final String KILLED = ": rank 1 of 2 was killed by signal 9 (KILL)";

  @TempDir Path temporary;

  private static String[] command(Path out, String... more) {
    Stream<String> own = Stream.of("--ranks", "2", "--steps", "" + STEPS, "--set", "save_every=5");
    return TinyRuns.train(out, Stream.concat(own, Stream.of(more)).toArray(String[]::new));
  }

  private static void kill(KilnProcess kiln) {
    KilnProcess.signal(kiln.rank(1), "KILL");
  }

  @Test
  void shouldEndWithTheSameBitsThoughRanksAreKilledTwice() {
    Path undisturbed = temporary.resolve("undisturbed");
    KilnProcess.run(command(undisturbed)).assertOk();
    Path run = temporary.resolve("run");
    Outcome outcome;
    try (KilnProcess kiln = KilnProcess.start(command(run, "--max-restarts", "3"))) {
      kiln.awaitOutput("step-000005 ");
      kill(kiln);
      kiln.awaitError("restart 1 of 3");
      kiln.awaitOutput("step-000015 ");
      kill(kiln);
      outcome = kiln.await();
    }
    assertEquals(ExitStatus.OK, outcome.status(), outcome::toString);
    List<String> said = outcome.err().lines().toList();
    assertEquals(2, said.size(), outcome::toString);
    String checkpoints = run.resolve("checkpoints").toString();
    for (int i = 0; i < 2; i++) {
      assertTrue(said.get(i).startsWith("kiln: restart " + (i + 1) + " of 3 from " + checkpoints), outcome::toString);
      assertTrue(said.get(i).endsWith(KILLED), outcome::toString);
    }
    RunFiles.assertSame(undisturbed, run, STEPS);
  }

  @Test
  void shouldGiveUpWhenRestartsAreUsedUp() {
    try (KilnProcess kiln = KilnProcess.start(command(temporary.resolve("run"), "--max-restarts", "1"))) {
      kill(kiln);
      kiln.awaitError("restart 1 of 1 from the beginning" + KILLED);
      kill(kiln);
      Outcome outcome = kiln.await();
      assertEquals(128 + 9, outcome.status(), outcome::toString);
      List<String> said = outcome.err().lines().toList();
      assertEquals(2, said.size(), outcome::toString);
      assertTrue(said.getLast().contains(KILLED.substring(2) + "; all ranks have ended after 1 restart; "), outcome::toString);
    }
  }

  @Test
  void shouldStopInsteadOfStartingAgain() {
    try (KilnProcess kiln = KilnProcess.start(command(temporary.resolve("run"), "--max-restarts", "2"))) {
      kill(kiln);
      kiln.awaitError("restart 1 of 2");
      kiln.signal("TERM");
      Outcome outcome = kiln.await();
      assertEquals(ExitStatus.STOPPED, outcome.status(), outcome::toString);
      assertTrue(outcome.out().contains("stopped before all ranks had begun; resume with: "), outcome::toString);
    }
  }

  @Test
  void shouldLeaveRestartsToWhoeverStartsTheRanks() {
    KilnProcess.runHere(command(temporary.resolve("run"), "--max-restarts", "-1"))
        .assertRefused(ExitStatus.USAGE, "option --max-restarts: expected at least 0, found -1");
    MpiRuns.assumeOpenMpi(RestartTest.class);
    try (KilnProcess job = MpiRuns.start(2, TinyRuns.train(temporary.resolve("run"), "--max-restarts", "1"))) {
      Outcome outcome = job.await();
      assertEquals(ExitStatus.USAGE, outcome.status(), outcome::toString);
      String line = "kiln: option --max-restarts: expected 0, because mpirun starts the ranks, found 1";
      assertEquals(1, outcome.err().lines().filter(line::equals).count(), outcome::toString);
    }
  }

  /** It is the lack of new checkpoints that makes the next try unlikely to get further. */
  @Test
  void shouldWaitLongerWhileRestartsGetNowhere() {
    Path first = Path.of("step-000005");
    Path second = Path.of("step-000010");
    Restarts restarts = new Restarts(11, null);
    Stream<Path> from = Stream.concat(Stream.of(first, first, first, second, second), Stream.generate(() -> second).limit(6));
    List<Long> seconds = from.map(restarts::take).map(Duration::toSeconds).toList();
    assertEquals(List.of(1L, 2L, 4L, 1L, 2L, 4L, 8L, 16L, 32L, 64L, 64L), seconds);
    assertEquals(false, restarts.areLeft());
    assertEquals("restart 11 of 11 from step-000010", restarts.describe());
  }
}
