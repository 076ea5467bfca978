package kiln.collectives.mpi;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kiln.collectives.Communicator;
import kiln.collectives.CommunicatorContract;
import kiln.collectives.RankProcesses;
import kiln.collectives.RankProcesses.Result;
import kiln.collectives.RankTransport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Ranks that mpirun starts. */
class MpiCommunicatorTest extends CommunicatorContract {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final Duration NOTICED = Duration.ofSeconds(15);

  /** Whatever mpirun says. */
  public static final class Transport implements RankTransport {
    @Override
    public Communicator join(int rank, int size, String address, Duration timeout) {
      return MpiCommunicator.world();
    }
  }

  @BeforeAll
  static void requireOpenMpi() {
    MpiProcesses.assumeOpenMpi(MpiCommunicatorTest.class);
  }

  @Override
  protected List<String> run(int size, String scenarios) throws InterruptedException {
    try (RankProcesses job = MpiProcesses.start(Transport.class, size, "-", scenarios)) {
      String output = job.await(LIMIT).getFirst().output();
      return IntStream.range(0, size).mapToObj(rank -> outputOf(rank, output)).toList();
    }
  }

  /** Lines of a rank begin as in {@code [1,0]<stdout>:}; those of mpirun do not. */
  private static String outputOf(int rank, String output) {
    return output.lines()
        .filter(line -> !line.startsWith("[1,") || line.startsWith("[1," + rank + "]"))
        .collect(Collectors.joining("\n"));
  }

  @Test
  void shouldEndTheJobAndNameTheRankThatWasKilled() throws InterruptedException {
    try (RankProcesses job = MpiProcesses.start(Transport.class, 3, "-", "FOREVER")) {
      for (int rank = 0; rank < 3; rank++) {
        job.awaitOutput(0, "[1," + rank + "]<stdout>:running", LIMIT);
      }
      ProcessHandle.of(job.pid(0)).orElseThrow().children().findFirst().orElseThrow().destroyForcibly();
      Result result = job.await(NOTICED).getFirst();
      assertNotEquals(0, result.exit());
      assertTrue(result.output().matches("(?s).*process rank [012] with PID .* exited on signal 9.*"), result.output());
    }
  }
}
