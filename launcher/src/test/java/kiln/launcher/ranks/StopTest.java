package kiln.launcher.ranks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.checkpoint.CheckpointChoice;
import kiln.launcher.checkpoint.RunFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ctrl-C, SIGTERM and SIGUSR1 while steps are taken, wherever they arrive. */
class StopTest {
  private static final Duration PROMPTLY = Duration.ofSeconds(60);
  private static final Pattern STOPPED = Pattern.compile("stopped after step (\\d+) of 1000000; resume with: (.*)");

  @TempDir Path temporary;

  private String[] command(String ranks, String saveEvery, String... more) {
    List<String> all = new ArrayList<>(List.of("--steps", "1000000", "--ranks", ranks, "--seed", "3"));
    all.addAll(List.of("--set", "save_every=" + saveEvery));
    all.addAll(List.of(more));
    return TinyRuns.train(temporary.resolve("run"), all.toArray(String[]::new));
  }

  private static void signal(KilnProcess kiln, String target, String signal) {
    if (target.equals("supervisor")) {
      kiln.signal(signal);
    } else {
      KilnProcess.signal(kiln.rank(Integer.parseInt(target.substring("rank ".length()))), signal);
    }
  }

  private static Matcher stopped(Outcome outcome) {
    Matcher stopped = STOPPED.matcher(outcome.assertStopped().out());
    assertTrue(stopped.find(), outcome::toString);
    return stopped;
  }

  @ParameterizedTest
  @CsvSource({"TERM, supervisor, 2", "INT, rank 1, 2", "USR1, rank 0, 1", "USR1, supervisor, 1"})
  void shouldFinishTheStepAndSave(String signal, String target, String numRanks) {
    String[] command = command(numRanks, "1000");
    try (KilnProcess kiln = KilnProcess.start(command)) {
      kiln.awaitOutput("step 2/");
      List<ProcessHandle> ranks = kiln.children();
      signal(kiln, target, signal);
      Matcher stopped = stopped(kiln.await());
      assertTrue(KilnProcess.allEnd(ranks, Duration.ZERO), "a rank survived the supervisor");
      Path checkpoint = RunFiles.checkpoint(temporary.resolve("run"), Integer.parseInt(stopped.group(1)));
      assertTrue(Files.exists(checkpoint.resolve("training.json")), checkpoint::toString);
      assertEquals("./kiln " + String.join(" ", command) + " --resume", stopped.group(2));
    }
  }

  /** Ranks stand still while one of them is asked, so that it is known which step was under way. */
  @Test
  void shouldTakeAtMostOneStepMoreHoweverManyMicroBatchesThereAre() throws InterruptedException {
    try (KilnProcess kiln = KilnProcess.start(command("2", "1000", "--set", "batch=64", "--set", "micro_batch=1"))) {
      kiln.awaitOutput("step 2/");
      List<ProcessHandle> ranks = List.of(kiln.rank(0), kiln.rank(1));
      ranks.forEach(rank -> KilnProcess.signal(rank, "STOP"));
      Thread.sleep(200); // for what has been printed to arrive
      int last = (int) kiln.output().lines().filter(line -> line.matches("step \\d+/\\d+  loss .*")).count();
      KilnProcess.signal(ranks.get(1), "TERM");
      ranks.forEach(rank -> KilnProcess.signal(rank, "CONT"));
      int end = Integer.parseInt(stopped(kiln.await()).group(1));
      assertTrue(end <= last + 2, "last=" + last + " end=" + end);
    }
  }

  @ParameterizedTest
  @CsvSource({"supervisor", "rank 1"})
  void shouldEndAtOnceAtTheSecondSignalAndLeaveTheLastCheckpointWhole(String target) throws InterruptedException {
    try (KilnProcess kiln = KilnProcess.start(command("2", "2"))) {
      kiln.awaitOutput("saved ");
      List<ProcessHandle> ranks = kiln.children();
      KilnProcess.signal(kiln.rank(0), "STOP"); // so that the step cannot be finished
      signal(kiln, target, "TERM");
      Thread.sleep(1000); // what follows at once is taken for the same request
      assertTrue(ranks.stream().allMatch(ProcessHandle::isAlive));
      signal(kiln, target, "TERM");
      Outcome outcome = kiln.await(PROMPTLY);
      assertEquals(ExitStatus.INTERRUPTED, outcome.status(), outcome::toString);
      assertEquals("", outcome.err());
      assertFalse(outcome.out().contains("stopped after"), outcome::toString);
      assertTrue(KilnProcess.allEnd(ranks, Duration.ZERO), "a rank survived the supervisor");
    }
    RunFolder run = new RunFolder(temporary.resolve("run"));
    assertTrue(CheckpointChoice.newest(run, warning -> assertEquals("", warning)).isPresent());
  }
}
