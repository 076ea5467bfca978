package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import kiln.launcher.KilnProcess;
import kiln.launcher.MpiRuns;
import kiln.launcher.Outcome;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A request to stop at the moments of a run at which no step is taken. The validation set is so large that measuring on all of
 * it takes far longer than a signal travels.
 */
class StopMomentsTest {
  private static final int STEPS = 4;
  private static final String ALL = "validation.samples=8192";
  private static final Duration PROMPTLY = Duration.ofSeconds(90);

  @TempDir private static Path shared;
  private static Path data;
  private static Path undisturbed;

  @TempDir Path temporary;

  @BeforeAll
  static void train() {
    data = shared.resolve("data");
    String[] prepare = {"data", "typography", "--out", data.toString(), "--count", "64", "--validation-count", "8192"};
    KilnProcess.runHere(with(prepare, "--block-size", "8", "--caption-length", "32")).assertOk();
    undisturbed = shared.resolve("undisturbed");
    KilnProcess.run(command(undisturbed, "2")).assertOk();
  }

  private static String[] with(String[] command, String... more) {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private static String[] command(Path out, String ranks, String... more) {
    String[] own = {
      "--ranks", ranks, "--steps", "" + STEPS, "--set", "save_every=2", "--set", "validation.every=1", "--set", "validation.samples=16"
    };
    return TinyRuns.trainOn(data, out, with(own, more));
  }

  private static void signal(KilnProcess kiln, String target) {
    if (target.equals("supervisor")) {
      kiln.signal("TERM");
    } else {
      KilnProcess.signal(kiln.rank(Integer.parseInt(target.substring("rank ".length()))), "TERM");
    }
  }

  private static void assertStoppedBefore(String moment, KilnProcess kiln, List<ProcessHandle> ranks) {
    Outcome outcome = kiln.await(PROMPTLY).assertStopped();
    assertTrue(outcome.out().contains("stopped " + moment), outcome::toString);
    assertTrue(outcome.out().contains("; resume with: ./kiln train"), outcome::toString);
    assertFalse(outcome.out().contains("validation loss"), outcome::toString);
    assertTrue(KilnProcess.allEnd(ranks, PROMPTLY), "a rank is left");
  }

  /** A JVM that starts has handlers of its own, which end it: it has nothing to save. */
  @ParameterizedTest
  @CsvSource({"rank 1, 2", "supervisor, 2"})
  void shouldStopWhileProcessesStart(String target, int size) {
    try (KilnProcess kiln = KilnProcess.start(command(temporary.resolve("run"), "" + size))) {
      ProcessHandle last = kiln.rank(size - 1);
      KilnProcess.signal(last, "STOP");
      boolean early = !target.equals("supervisor") && !KilnProcess.handlesRequests(last);
      List<ProcessHandle> ranks = kiln.children();
      signal(kiln, target);
      KilnProcess.signal(last, "CONT");
      assertStoppedBefore(early ? "before all ranks had begun" : "after step 0 of 4", kiln, ranks);
    }
  }

  @Test
  void shouldStopWhileRanksWaitForEachOther() {
    try (KilnProcess kiln = KilnProcess.start(command(temporary.resolve("run"), "2"))) {
      KilnProcess.signal(kiln.rank(0), "STOP");
      kiln.awaitHandlers(kiln.rank(1));
      signal(kiln, "rank 1");
      KilnProcess.signal(kiln.rank(0), "CONT");
      assertStoppedBefore("after step 0 of 4", kiln, kiln.children());
    }
  }

  /** At the last step too: the run is not complete before its last validation is. */
  @ParameterizedTest
  @CsvSource({"rank 1, 3", "supervisor, 4"})
  void shouldCutValidationShortAndMakeItUp(String target, int step) {
    Path run = TinyRuns.copy(undisturbed, temporary.resolve("run"));
    TinyRuns.delete(RunFiles.checkpoint(run, STEPS));
    String[] resume = command(run, "2", "--resume");
    if (step == STEPS) {
      resume = with(resume, "--set", "validation.every=4");
    }
    try (KilnProcess kiln = KilnProcess.start(with(resume, "--set", ALL))) {
      kiln.awaitOutput("step " + step + "/4");
      signal(kiln, target);
      assertStoppedBefore("after step " + step + " of 4", kiln, kiln.children());
    }
    if (step == STEPS) {
      Outcome made = KilnProcess.run(resume).assertOk();
      assertTrue(made.out().contains("step 4/4  validation loss"), made::toString);
      assertTrue(made.out().contains("complete: all 4 steps had been made before"), made::toString);
      assertEquals(RunFiles.metrics(undisturbed).getLast(), RunFiles.metrics(run).getLast());
    } else {
      KilnProcess.run(resume).assertOk();
      RunFiles.assertSame(undisturbed, run, STEPS);
    }
  }

  @Test
  void shouldStopWhileItWaitsForSamples() {
    Path growing = temporary.resolve("growing");
    String[] prepare = {"data", "typography", "--out", growing.toString(), "--count", "64", "--block-size", "8"};
    try (KilnProcess preparation = KilnProcess.start(with(prepare, "--caption-length", "32", "--ahead", "80kB"))) {
      preparation.awaitOutput("bytes lie unread ahead");
      preparation.signal("KILL");
      preparation.await();
    }
    String[] train = TinyRuns.trainOn(growing, temporary.resolve("run"), "--follow", "--ranks", "2");
    try (KilnProcess kiln = KilnProcess.start(train)) {
      kiln.awaitOutput("waits for samples");
      signal(kiln, "rank 1");
      Outcome outcome = kiln.await().assertStopped();
      assertTrue(outcome.out().contains("saved "), outcome::toString);
      assertTrue(outcome.out().contains("stopped after step "), outcome::toString);
    }
  }

  /** mpirun passes SIGUSR1 on; a rank that gets a signal of its own tells the others. */
  @ParameterizedTest
  @CsvSource({"mpirun, USR1, step 3/4, after step 3 of 4", "rank, TERM, step 3/4, after step 3 of 4"})
  void shouldStopRanksOfMpirun(String target, String signal, String seen, String stopped) {
    MpiRuns.assumeOpenMpi(StopMomentsTest.class);
    Path run = TinyRuns.copy(undisturbed, temporary.resolve("run"));
    TinyRuns.delete(RunFiles.checkpoint(run, STEPS));
    String[] resume = TinyRuns.trainOn(data, run, "--resume", "--steps", "4", "--set", "validation.every=1", "--set", ALL);
    try (KilnProcess job = MpiRuns.start(2, resume)) {
      job.awaitOutput(seen);
      List<ProcessHandle> ranks = job.children();
      assertEquals(2, ranks.size());
      if (target.equals("mpirun")) {
        job.signal(signal);
      } else {
        KilnProcess.signal(ranks.getLast(), signal);
      }
      Outcome outcome = job.await(PROMPTLY);
      assertEquals(ExitStatus.STOPPED, outcome.status(), outcome::toString);
      assertEquals(1, outcome.out().lines().filter(line -> line.startsWith("stopped " + stopped)).count(), outcome::toString);
      assertFalse(outcome.out().contains("validation loss"), outcome::toString);
      assertTrue(KilnProcess.allEnd(ranks, PROMPTLY), "a rank survived mpirun");
    }
    assertTrue(RunFiles.files(RunFiles.checkpoint(run, 3)).contains(Path.of("training.json")));
  }

  @Test
  void shouldEndRanksOfMpirunAtOnceAtTheSecondSignal() throws InterruptedException {
    MpiRuns.assumeOpenMpi(StopMomentsTest.class);
    String[] forever = TinyRuns.train(temporary.resolve("run"), "--steps", "1000000", "--set", "save_every=1000");
    try (KilnProcess job = MpiRuns.start(2, forever)) {
      job.awaitOutput("step 2/");
      List<ProcessHandle> ranks = job.children();
      KilnProcess.signal(ranks.getFirst(), "STOP"); // so that the step cannot be finished
      job.signal("USR1");
      Thread.sleep(1000); // what follows at once is taken for the same request
      assertTrue(ranks.stream().allMatch(ProcessHandle::isAlive));
      job.signal("USR1");
      Outcome outcome = job.await(PROMPTLY);
      assertEquals(ExitStatus.INTERRUPTED, outcome.status(), outcome::toString);
      assertTrue(KilnProcess.allEnd(ranks, PROMPTLY), "a rank survived mpirun");
    }
  }
}
