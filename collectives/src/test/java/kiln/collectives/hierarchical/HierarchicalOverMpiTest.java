package kiln.collectives.hierarchical;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import kiln.collectives.Communicator;
import kiln.collectives.RankProcesses.Result;
import kiln.collectives.RankTransport;
import kiln.collectives.local.LocalCommunicator;
import kiln.collectives.mpi.MpiCommunicator;
import kiln.collectives.mpi.MpiProcesses;
import org.junit.jupiter.api.Test;

/** Memory inside two nodes of 2 ranks, Open MPI across: how several machines are joined. */
class HierarchicalOverMpiTest {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final List<String> SCENARIOS =
      List.of("ALL_REDUCE", "REDUCE_SCATTER", "ALL_GATHER", "BROADCAST", "OUTSTANDING", "SEVERAL_COMMUNICATORS", "MISMATCH");

  /** Ranks that mpirun started. */
  public static final class Transport implements RankTransport {
    @Override
    public Communicator join(int rank, int size, String address, Duration timeout) {
      return HierarchicalCommunicatorTest.Transport.join(MpiCommunicator.world(), address, timeout);
    }

    @Override
    public boolean addsInRankOrder() {
      return false;
    }
  }

  @Test
  void shouldKeepTheContract() throws InterruptedException {
    MpiProcesses.assumeOpenMpi(getClass());
    String address = LocalCommunicator.newFile().toString();
    try (var job = MpiProcesses.start(Transport.class, 4, address, String.join(",", SCENARIOS))) {
      Result result = job.await(LIMIT).getFirst();
      for (String scenario : SCENARIOS) {
        assertEquals(4, result.output().split("passed " + scenario + "\n", -1).length - 1, result.output());
      }
      assertTrue(result.exit() == 0, result.output());
    }
  }
}
