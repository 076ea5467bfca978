package kiln.launcher.train;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kiln.launcher.KilnProcess;
import kiln.launcher.MpiRuns;
import kiln.launcher.Outcome;
import kiln.launcher.TinyRuns;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ranks on hosts of {@code bench/netns.sh}, over TCP. */
class SeveralHostsTest {
  private static final Duration PROMPTLY = Duration.ofSeconds(40);
  private static final Path SCRIPT = Path.of(System.getProperty("kiln.root", ".."), "bench", "netns.sh");

  private static boolean up;

  @TempDir Path temporary;

  @BeforeAll
  static void requireHosts() {
    MpiRuns.assumeOpenMpi(SeveralHostsTest.class);
    Outcome check = hosts("check");
    if (check.status() != 0) {
      System.err.print("SKIPPED: SeveralHostsTest: " + check.err());
      Assumptions.abort(check.err());
    }
    hosts("up", "2", "1gbit").assertOk();
    up = true;
  }

  @AfterAll
  static void removeHosts() {
    if (up) {
      hosts("down").assertOk();
    }
  }

  private static Outcome hosts(String... arguments) {
    try (KilnProcess script = start(arguments)) {
      return script.await();
    }
  }

  private static KilnProcess start(String... arguments) {
    List<String> command = new ArrayList<>(List.of("bash", SCRIPT.toString()));
    command.addAll(List.of(arguments));
    return KilnProcess.start(Map.of(), command);
  }

  private static KilnProcess run(String ranks, String hosts, String... arguments) {
    List<String> command = new ArrayList<>(List.of("run", "-np", ranks, "--host", hosts));
    command.addAll(MpiRuns.java(arguments));
    return start(command.toArray(String[]::new));
  }

  @Test
  void shouldTrainAlikeOnTwoHostsOfTwoRanks() {
    Path out = temporary.resolve("run");
    try (KilnProcess job = run("4", "h1:2,h2:2", TinyRuns.train(out, "--transport", "hierarchical"))) {
      job.await().assertOk();
    }
    RanksAgreeTest.assertSameLosses(TinyRuns.finished(), out);
  }

  @Test
  void shouldEndAndSayWhyWhenALinkIsCut() {
    String[] forever = TinyRuns.train(temporary.resolve("run"), "--steps", "1000000", "--heartbeat-timeout", "2s");
    try (KilnProcess job = run("2", "h1,h2", forever)) {
      job.awaitOutput("step 8/");
      hosts("cut", "h2").assertOk();
      Outcome outcome = job.await(PROMPTLY);
      hosts("mend", "h2").assertOk();
      assertNotEquals(0, outcome.status());
      String said = outcome.out() + outcome.err();
      assertTrue(said.contains("kiln: lost rank 1 (h2, ") || said.contains("lost communication"), outcome::toString);
    }
  }
}
