package kiln.launcher.transport;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import kiln.bindings.UserException;
import kiln.collectives.Communicator;
import kiln.collectives.hierarchical.HierarchicalCommunicator;
import kiln.collectives.local.LocalCommunicator;

/** Joins ranks that Open MPI has joined already over the transport that they train with. */
public final class Transports {
  private Transports() {}

  /**
   * Collective.
   *
   * @param world all ranks, over Open MPI; closed with the result, or by the caller after it
   * @param nodes ranks of each machine, the machines in the order of their first ranks
   * @throws UserException if this transport cannot join ranks of these machines; on all of them
   */
  public static Communicator join(TransportKind wanted, Communicator world, List<List<Integer>> nodes, Duration timeout) {
    TransportKind kind = wanted.resolve(nodes);
    if (kind == TransportKind.LOCAL && nodes.size() > 1) {
      throw new UserException("option --transport: local joins ranks of one machine, found " + nodes.size() + " machines");
    }
    if (kind == TransportKind.MPI) {
      return world;
    }
    int node = 0;
    while (!nodes.get(node).contains(world.rank())) {
      node++;
    }
    List<Integer> here = nodes.get(node);
    String name = new Consensus(world).first(() -> LocalCommunicator.newFile().getFileName().toString());
    Path file = LocalCommunicator.newFile().resolveSibling(name + "-" + node);
    Communicator inside = LocalCommunicator.join(file, here.indexOf(world.rank()), here.size(), timeout);
    return kind == TransportKind.LOCAL ? inside : HierarchicalCommunicator.of(world, inside, node);
  }
}
