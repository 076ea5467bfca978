package kiln.launcher.ranks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RankVerdictTest {
  private static RankEnd judge(RankVerdict.End... ends) {
    RankVerdict verdict = new RankVerdict(ends.length);
    Stream.of(ends).forEach(verdict::take);
    return verdict.end();
  }

  private static RankVerdict.End end(int rank, int status, String... messages) {
    return new RankVerdict.End(rank, status, List.of(messages));
  }

  /** Statuses of ranks 0 and 1, in the order in which they end; the job's; whether ranks may be started again. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, false",
    "75, 75, 75, false",
    "0, 75, 75, false",
    "71, 137, 137, true", // killed, and the other one noticed first
    "137, 71, 137, true",
    "134, 71, 134, true", // the JVM crashed
    "71, 71, 71, true", // one of them stood still
    "70, 71, 70, true",
    "1, 71, 1, true", // no line for the user: the JVM did not start
    "71, 130, 130, false", // a second signal
    "143, 75, 75, false", // a signal before there was a handler
    "75, 138, 75, false",
    "143, 137, 137, true",
  })
  void shouldTellTheReasonFromItsConsequences(int first, int second, int status, boolean again) {
    RankEnd end = judge(end(0, first), end(1, second));
    assertEquals(status, end.status());
    assertEquals(again, end.mayBeTriedAgain());
  }

  @Test
  void shouldNotTryAgainWhatTheUserHasToPutRight() {
    RankEnd end = judge(end(1, ExitStatus.USER_ERROR, "kiln: the disk is full"), end(0, ExitStatus.PEER_LOST, "kiln: lost rank 1"));
    assertEquals(new RankEnd(ExitStatus.USER_ERROR, List.of("kiln: the disk is full"), true), end);
    assertEquals(false, end.mayBeTriedAgain());
    assertEquals("kiln: the disk is full\n", printed(end));
  }

  @Test
  void shouldSayWhoWasLost() {
    RankEnd end = judge(end(0, ExitStatus.PEER_LOST), end(2, ExitStatus.PEER_LOST, "kiln: lost rank 1: no heartbeat"));
    assertEquals("lost rank 1: no heartbeat", end.reason());
    assertEquals("kiln: lost rank 1: no heartbeat; go on\n", printed(end));
  }

  @Test
  void shouldNotBlameRanksThatAreKilledByTheSupervisor() {
    RankVerdict verdict = new RankVerdict(2);
    verdict.take(end(1, ExitStatus.PEER_LOST, "kiln: lost rank 0"));
    verdict.killingRest();
    verdict.take(end(0, 128 + 9));
    assertEquals(ExitStatus.PEER_LOST, verdict.end().status());
  }

  private static String printed(RankEnd end) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      end.print(err, "go on");
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void shouldKeepProgressReadableBesideOtherRanksLines() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      err.print("step 5/9");
      RankOutput output = new RankOutput(err, true);
      output.pass(1, "a line");
      output.pass(0, "kiln: warning: old");
      output.pass(1, "kiln: warning: old");
      new RankOutput(err, false).pass(1, "in a file");
    }
    String erase = "\r\u001b[K";
    assertEquals(
        "step 5/9" + erase + "[rank 1] a line\n" + erase + "kiln: warning: old\n[rank 1] in a file\n",
        bytes.toString(StandardCharsets.UTF_8));
  }
}
