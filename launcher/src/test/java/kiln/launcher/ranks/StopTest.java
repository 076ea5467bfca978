package kiln.launcher.ranks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.TinyRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ctrl-C and SIGTERM, wherever they arrive. */
class StopTest {
  private static final String FOREVER = "1000000";
  private static final Duration PROMPTLY = Duration.ofSeconds(10);
  private static final Pattern STOPPED = Pattern.compile("stopped after step (\\d+) of 1000000; resume with: (.*)");

  @TempDir Path temporary;

  private String[] command() {
    return TinyRuns.train(
        temporary.resolve("run"), "--steps", FOREVER, "--ranks", "2", "--set", "save_every=1000", "--seed", "3");
  }

  @ParameterizedTest
  @CsvSource({"TERM, supervisor", "INT, supervisor", "TERM, rank 0", "INT, rank 1"})
  void shouldFinishTheStepAndSave(String signal, String target) {
    try (KilnProcess kiln = KilnProcess.start(command())) {
      kiln.awaitOutput("step 2/");
      List<ProcessHandle> ranks = kiln.children();
      if (target.equals("supervisor")) {
        kiln.signal(signal);
      } else {
        KilnProcess.signal(kiln.rank(Integer.parseInt(target.substring("rank ".length()))), signal);
      }
      Outcome outcome = kiln.await().assertStopped();
      assertTrue(KilnProcess.allEnd(ranks, Duration.ZERO), "a rank survived the supervisor");
      Matcher stopped = STOPPED.matcher(outcome.out());
      assertTrue(stopped.find(), outcome::toString);
      String step = String.format("step-%06d", Integer.parseInt(stopped.group(1)));
      Path checkpoint = temporary.resolve("run/checkpoints").resolve(step);
      assertTrue(Files.exists(checkpoint.resolve("training.json")), outcome::toString);
      assertEquals("./kiln " + String.join(" ", command()) + " --resume", stopped.group(2));
    }
  }

  @Test
  void shouldEndAtOnceAtTheSecondSignal() throws Exception {
    try (KilnProcess kiln = KilnProcess.start(command())) {
      kiln.awaitOutput("step 2/");
      List<ProcessHandle> ranks = kiln.children();
      KilnProcess.signal(kiln.rank(1), "STOP"); // so that the step cannot be finished
      kiln.signal("TERM");
      Thread.sleep(1000); // what follows at once is taken for the same request
      assertTrue(ranks.stream().allMatch(ProcessHandle::isAlive));
      kiln.signal("TERM");
      assertEquals(ExitStatus.INTERRUPTED, kiln.await(PROMPTLY).status());
      assertTrue(KilnProcess.allEnd(ranks, Duration.ZERO), "a rank survived the supervisor");
      assertFalse(hasCheckpoints());
    }
  }

  private boolean hasCheckpoints() throws IOException {
    try (var entries = Files.list(temporary.resolve("run/checkpoints"))) {
      return entries.findAny().isPresent();
    }
  }
}
