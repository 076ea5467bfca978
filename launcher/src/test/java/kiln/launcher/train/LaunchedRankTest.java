package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import kiln.launcher.KilnProcess;
import kiln.launcher.MpiRuns;
import kiln.launcher.Outcome;
import kiln.launcher.TinyRuns;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ranks that mpirun starts as {@code java -cp … kiln.launcher.Launcher train}. */
class LaunchedRankTest {
  private static final Duration PROMPTLY = Duration.ofSeconds(30);

  @TempDir Path temporary;

  @BeforeAll
  static void requireOpenMpi() {
    MpiRuns.assumeOpenMpi(LaunchedRankTest.class);
  }

  @Test
  void shouldTrainAlikeWithoutFurtherOptionsOfTheJvm() {
    Path run = temporary.resolve("run");
    try (KilnProcess job = MpiRuns.start(2, TinyRuns.train(run, "--transport", "mpi"))) {
      Outcome outcome = job.await().assertOk();
      assertFalse(outcome.err().contains("WARNING"), outcome::toString);
    }
    RanksAgreeTest.assertSameLosses(TinyRuns.finished(), run);
  }

  @Test
  void shouldEndWithARankThatDies() {
    String[] forever = TinyRuns.train(temporary.resolve("run"), "--steps", "1000000", "--set", "save_every=100000");
    try (KilnProcess job = MpiRuns.start(2, forever)) {
      job.awaitOutput("step 2/");
      List<ProcessHandle> ranks = job.children();
      assertEquals(2, ranks.size());
      for (ProcessHandle rank : ranks) { // the processes that mpirun started, started again in place
        assertTrue(commandLine(rank).contains("-XX:+UseSerialGC"), () -> commandLine(rank));
      }
      KilnProcess.signal(ranks.getLast(), "KILL");
      Outcome outcome = job.await(PROMPTLY);
      assertNotEquals(0, outcome.status());
      String said = outcome.out() + outcome.err();
      assertTrue(said.contains("on signal 9 (Killed)") || said.contains("kiln: lost rank "), outcome::toString);
      assertTrue(KilnProcess.allEnd(ranks, PROMPTLY), "a rank survived mpirun");
    }
  }

  private static String commandLine(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void shouldSayOnceWhatAllRanksFind() {
    Path nowhere = temporary.resolve("nowhere");
    try (KilnProcess job = MpiRuns.start(2, TinyRuns.trainOn(nowhere, temporary.resolve("run")))) {
      assertSaysOnce(job, "kiln: " + nowhere + ": no such data folder");
    }
    try (KilnProcess job = MpiRuns.start(2, TinyRuns.train(temporary.resolve("run"), "--ranks", "3"))) {
      assertSaysOnce(job, "kiln: option --ranks: mpirun has started 2, found 3");
    }
  }

  private static void assertSaysOnce(KilnProcess job, String line) {
    Outcome outcome = job.await(PROMPTLY);
    assertNotEquals(0, outcome.status());
    List<String> said = (outcome.out() + outcome.err()).lines().filter(l -> l.startsWith("kiln: ")).toList();
    assertEquals(1, said.size(), outcome::toString);
    assertTrue(said.getFirst().startsWith(line), outcome::toString);
  }
}
