package kiln.collectives.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import kiln.collectives.Communicator;
import kiln.collectives.CommunicatorContract;
import kiln.collectives.RankMain;
import kiln.collectives.RankProcesses;
import kiln.collectives.RankProcesses.Result;
import kiln.collectives.RankTransport;
import org.junit.jupiter.api.Test;

/** Ranks that are processes. */
public class LocalCommunicatorTest extends CommunicatorContract {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final Duration JOIN = Duration.ofSeconds(60);
  private static final Duration NOTICED = Duration.ofSeconds(10);
  private static final String FOREVER = "FOREVER";

  /** Joins through the file that the address is. */
  public static final class Transport implements RankTransport {
    @Override
    public Communicator join(int rank, int size, String address, Duration timeout) {
      return LocalCommunicator.join(Path.of(address), rank, size, timeout);
    }
  }

  /** How the processes join, by an address that is a file. */
  protected Class<? extends RankTransport> transport() {
    return Transport.class;
  }

  @Override
  protected List<String> run(int size, String scenarios) throws InterruptedException {
    try (RankProcesses ranks = start(size, JOIN, scenarios, IntStream.range(0, size).toArray())) {
      return ranks.await(LIMIT).stream().map(Result::output).toList();
    }
  }

  @Test
  void shouldNameTheRankThatWasKilled() throws InterruptedException {
    try (RankProcesses ranks = start(3, JOIN, FOREVER, 0, 1, 2)) {
      for (int rank = 0; rank < 3; rank++) {
        ranks.awaitOutput(rank, "running", LIMIT);
      }
      ranks.kill(1);
      List<Result> results = ranks.await(NOTICED);
      for (int rank : new int[] {0, 2}) {
        assertEquals(3, results.get(rank).exit(), results.get(rank).output());
        String output = results.get(rank).output();
        assertTrue(output.contains("PeerLostException: lost rank 1 (process " + ranks.pid(1)), output);
        assertTrue(output.contains("allReduce, sequence=") && output.contains("bytes=800000"), output);
      }
    }
  }

  @Test
  void shouldNameTheRanksThatDoNotJoin() throws InterruptedException {
    try (RankProcesses ranks = start(4, Duration.ofSeconds(3), FOREVER, 0, 2)) {
      for (Result result : ranks.await(LIMIT)) {
        assertEquals(3, result.exit(), result.output());
        assertTrue(result.output().contains("JoinTimeoutException"), result.output());
        assertTrue(result.output().contains("in vain for ranks 1, 3"), result.output());
      }
    }
  }

  private RankProcesses start(int size, Duration join, String scenarios, int... present) {
    RankProcesses ranks = new RankProcesses();
    String address = LocalCommunicator.newFile().toString();
    for (int rank : present) {
      ranks.start(
          RankMain.class,
          transport().getName(),
          Integer.toString(rank),
          Integer.toString(size),
          address,
          join.toString(),
          scenarios);
    }
    return ranks;
  }
}
