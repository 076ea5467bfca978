package kiln.launcher.control;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import kiln.launcher.KilnProcess;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import kiln.launcher.telemetry.StepMetrics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Training of which one rank stands still. */
class StoppedRankTest {
  /** The supervisor's two seconds for those that end by themselves included. */
  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir Path temporary;

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void shouldNameTheRankThatStandsStill(int victim) {
    Path run = temporary.resolve("run");
    String[] command = TinyRuns.train(run, "--steps", "1000000", "--ranks", "2", "--heartbeat-timeout", "3s");
    try (KilnProcess kiln = KilnProcess.start(command)) {
      kiln.awaitOutput("saved ");
      List<ProcessHandle> ranks = kiln.children();
      ProcessHandle stopped = kiln.rank(victim);
      KilnProcess.signal(stopped, "STOP");
      String who = new RankInfo(victim, HostName.current(), stopped.pid()).title();
      kiln.await(SOON).assertRefused(ExitStatus.PEER_LOST, "kiln: lost " + who + ": no heartbeat for 3.", "since ", "--resume");
      assertTrue(KilnProcess.allEnd(ranks, Duration.ZERO), "a rank survived the supervisor");
    }
    KilnProcess.runHere("recorder", run.toString(), "--last", "2").assertOk();
    List<StepMetrics> told = RunFiles.metricsOf(run).stream().filter(m -> m.slowest() != null).toList();
    assertTrue(told.size() > 2 && told.stream().allMatch(m -> m.slowest().rank() < 2 && m.slowest().excess() >= 0), told::toString);
  }

  @Test
  void shouldGoOnWhenAllStoodStill() throws InterruptedException {
    String[] command = TinyRuns.train(temporary.resolve("run"), "--ranks", "2", "--heartbeat-timeout", "2s");
    try (KilnProcess kiln = KilnProcess.start(command)) {
      kiln.awaitOutput("step 2/");
      List<ProcessHandle> ranks = kiln.children();
      ranks.forEach(rank -> KilnProcess.signal(rank, "STOP"));
      Thread.sleep(4_000); // as when the machine sleeps: nobody was heard, and nobody is taken for lost because of that
      ranks.forEach(rank -> KilnProcess.signal(rank, "CONT"));
      kiln.await().assertOk();
    }
  }

  @Test
  void shouldRefuseTimesThatAreNone() {
    for (String option : List.of("--heartbeat-timeout", "--collective-timeout", "--join-timeout")) {
      for (String wrong : List.of("5", "0s", "1d", "-3s")) {
        KilnProcess.runHere(TinyRuns.train(temporary, option + "=" + wrong))
            .assertRefused(ExitStatus.USAGE, "option " + option, "expected a time of at least 100ms as in 30s or 5m", wrong);
      }
    }
  }
}
