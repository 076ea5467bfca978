package kiln.launcher.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import kiln.collectives.record.LaneState;
import kiln.collectives.record.OperationKind;
import org.junit.jupiter.api.Test;

/** Who keeps whom waiting, from where all ranks stand. */
class StandingsTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(300);
  private static final long LATE = Duration.ofSeconds(312).toNanos();

  private static LaneState lane(String name, long issued, long ended, long waiting) {
    return new LaneState(name, 0, 4, issued, ended, OperationKind.ALL_REDUCE, 25_000_000, waiting);
  }

  private static String line(List<List<LaneState>> ranks) {
    Standings standings = new Standings(ranks.size());
    for (int rank = 0; rank < ranks.size(); rank++) {
      if (ranks.get(rank) != null) {
        standings.add(rank, ranks.get(rank));
      }
    }
    return standings.verdict(TIMEOUT).map(JobFailure::line).orElse("");
  }

  @Test
  void shouldNameTheRankThatHasNotCome() {
    List<LaneState> waits = List.of(lane("world", 1240, 1234, LATE));
    List<LaneState> away = List.of(lane("world", 1234, 1234, 0));
    assertEquals(
        "rank 2 has not entered allReduce #1234 (25.0 MB), ranks 0, 1, 3 wait since 312 s",
        line(List.of(waits, waits, away, waits)));
    assertEquals(
        "ranks 1, 2 have not entered allReduce #1234 (25.0 MB), rank 0 waits since 312 s", line(List.of(waits, away, away)));
  }

  @Test
  void shouldLookAtTheGroupThatWaits() {
    List<LaneState> waits = List.of(lane("world", 5, 5, 0), lane("world/0:1", 8, 7, LATE));
    List<LaneState> away = List.of(lane("world", 5, 5, 0), lane("world/0:1", 7, 7, 0));
    List<LaneState> others = List.of(lane("world", 6, 5, LATE / 2), lane("world/0:0", 20, 20, 0));
    assertEquals(
        "rank 3 has not entered allReduce #7 (25.0 MB) of communicator world/0:1, rank 2 waits since 312 s",
        line(List.of(others, others, waits, away)));
  }

  @Test
  void shouldSayIfAllHaveCome() {
    List<LaneState> waits = List.of(lane("world", 3, 2, LATE));
    List<LaneState> done = List.of(lane("world", 3, 3, 0));
    assertEquals(
        "all ranks have entered allReduce #2 (25.0 MB), but rank 0 has not left it since 312 s", line(List.of(waits, done)));
  }

  @Test
  void shouldNotAccuseWhoHasComeMeanwhile() {
    List<LaneState> again = List.of(lane("world", 9, 8, Duration.ofSeconds(1).toNanos()));
    assertEquals("", line(List.of(again, again)));
    assertEquals(Optional.empty(), new Standings(2).verdict(TIMEOUT));
  }

  @Test
  void shouldCompareTheSlowestWithTheMedian() {
    assertEquals(new SlowestRank(9, 2, 0.5), SlowestRank.of(9, new long[] {100, 90, 150, 100}));
    assertEquals(new SlowestRank(9, 0, 0), SlowestRank.of(9, new long[] {100, 100}));
  }
}
