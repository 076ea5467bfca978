package kiln.collectives.hierarchical;

import java.nio.file.Path;
import java.time.Duration;
import kiln.collectives.Communicator;
import kiln.collectives.RankTransport;
import kiln.collectives.local.LocalCommunicator;
import kiln.collectives.local.LocalCommunicatorTest;

/** Two nodes of one machine, both levels over memory: 2 ranks as 1 + 1, 3 as 2 + 1, 4 as 2 + 2. */
class HierarchicalCommunicatorTest extends LocalCommunicatorTest {
  /** All ranks join through the file that the address is, those of a node through another one beside it. */
  public static final class Transport implements RankTransport {
    /** Small, so that most operations of the contract go in two levels. */
    private static final long FLAT_BYTES = 16;

    @Override
    public Communicator join(int rank, int size, String address, Duration timeout) {
      return join(LocalCommunicator.join(Path.of(address), rank, size, timeout), address, timeout);
    }

    /** Takes pairs of ranks for nodes. */
    static Communicator join(Communicator world, String address, Duration timeout) {
      int rank = world.rank();
      int size = world.size();
      int perNode = Math.max(1, (size + 1) / 2);
      int node = rank / perNode;
      int here = Math.min(perNode, size - node * perNode);
      Communicator inside = LocalCommunicator.join(Path.of(address + ".node" + node), rank % perNode, here, timeout);
      return HierarchicalCommunicator.of(world, inside, node, FLAT_BYTES);
    }

    @Override
    public boolean addsInRankOrder() {
      return false;
    }
  }

  @Override
  protected Class<? extends RankTransport> transport() {
    return Transport.class;
  }
}
