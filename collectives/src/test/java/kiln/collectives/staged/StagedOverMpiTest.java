package kiln.collectives.staged;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import kiln.collectives.Communicator;
import kiln.collectives.CommunicatorContract;
import kiln.collectives.RankProcesses;
import kiln.collectives.RankTransport;
import kiln.collectives.device.TestDevice;
import kiln.collectives.mpi.MpiCommunicator;
import kiln.collectives.mpi.MpiProcesses;
import org.junit.jupiter.api.BeforeAll;

/** Memory of a device over Open MPI. */
class StagedOverMpiTest extends CommunicatorContract {
  private static final Duration LIMIT = Duration.ofSeconds(120);

  /** Whatever mpirun says. */
  public static final class Transport implements RankTransport {
    @Override
    public Communicator join(int rank, int size, String address, Duration timeout) {
      return StagedCommunicatorTest.Transport.staged(MpiCommunicator.world());
    }
  }

  @BeforeAll
  static void requireDriverAndOpenMpi() {
    TestDevice.assume(StagedOverMpiTest.class);
    MpiProcesses.assumeOpenMpi(StagedOverMpiTest.class);
  }

  @Override
  protected IntStream sizes() {
    return IntStream.of(3); // staging has been tested, and so has Open MPI
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
}
