package kiln.launcher.transport;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kiln.bindings.UserException;
import kiln.bindings.cuda.CudaDevice;
import kiln.bindings.cuda.CudaLibraries;
import kiln.bindings.cuda.CudaLibrary;
import kiln.bindings.cuda.DeviceQueue;
import kiln.collectives.Communicator;
import kiln.collectives.hierarchical.HierarchicalCommunicator;
import kiln.collectives.local.LocalCommunicator;
import kiln.collectives.nccl.DeviceCommunicator;
import kiln.collectives.staged.StagedCommunicator;

/** Joins ranks that something has joined already over the transport that they train with. */
public final class Transports {
  private static final String OTHERWISE = "; local, mpi and hierarchical go through the host's memory";

  private Transports() {}

  /**
   * Ranks that Open MPI has joined. Collective.
   *
   * @param world all ranks, over Open MPI; closed with the result, or by the caller after it
   * @param nodes ranks of each machine, the machines in the order of their first ranks
   * @param queue of this rank's GPU; null if gradients are in the host's memory, on all ranks or on none
   * @throws UserException if this transport cannot join ranks of these machines; on all of them
   * @throws RefusedException if it cannot use the GPU of some rank
   */
  public static Communicator join(
      TransportKind wanted, Communicator world, List<List<Integer>> nodes, Duration timeout, DeviceQueue queue) {
    if (usesNccl(wanted, world, queue)) {
      // What the host has for others is little: the transport that joins these ranks anyway is enough.
      TransportKind beside = nodes.size() == 1 ? TransportKind.LOCAL : TransportKind.MPI;
      return DeviceCommunicator.join(queue, ofHost(beside, world, nodes, timeout), timeout);
    }
    return staged(ofHost(wanted.resolve(nodes), world, nodes, timeout), queue);
  }

  /**
   * The same for ranks that are joined already by what is to carry the host's memory.
   *
   * @param host of all ranks; closed with the result
   */
  public static Communicator onDevice(TransportKind wanted, Communicator host, DeviceQueue queue, Duration timeout) {
    return usesNccl(wanted, host, queue) ? DeviceCommunicator.join(queue, host, timeout) : staged(host, queue);
  }

  /** A line for the user on how GPUs are joined; empty if none are, or if there is only one. */
  public static Optional<String> describe(Communicator joined) {
    return joined.size() == 1
        ? Optional.empty()
        : switch (joined) {
          case DeviceCommunicator _ -> Optional.of("GPUs of " + joined.size() + " ranks are joined by NCCL");
          case StagedCommunicator _ ->
              Optional.of("GPUs of " + joined.size() + " ranks are joined through the memory of their machines");
          default -> Optional.empty();
        };
  }

  private static Communicator staged(Communicator host, DeviceQueue queue) {
    return queue == null ? host : new StagedCommunicator(host, queue);
  }

  private static Communicator ofHost(
      TransportKind kind, Communicator world, List<List<Integer>> nodes, Duration timeout) {
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

  /** Whether GPUs are joined by NCCL: if that is wanted, or if they can be and nothing else is wanted. */
  private static boolean usesNccl(TransportKind wanted, Communicator ranks, DeviceQueue queue) {
    boolean isWanted = wanted == TransportKind.NCCL;
    if (queue == null) {
      if (isWanted) {
        throw new UserException("option --transport: nccl joins GPUs, expected --backend cuda with it, or another transport");
      }
      return false;
    }
    boolean isFree = wanted == TransportKind.AUTO && ranks.size() > 1;
    if (!isWanted && !isFree) {
      return false;
    }
    Consensus consensus = new Consensus(ranks);
    String shared = sharedDevice(consensus.all(name(queue.context().device())));
    if (shared != null && isWanted) {
      throw new UserException("option --transport: nccl needs a GPU for each rank, found " + shared + OTHERWISE);
    }
    if (shared != null) {
      return false;
    }
    consensus.together(
        () -> {
          requireNccl();
          return null;
        });
    return true;
  }

  private static void requireNccl() {
    try {
      CudaLibraries.require(CudaLibrary.NCCL);
    } catch (UserException e) {
      throw new UserException("option --transport: nccl is not there: " + e.getMessage() + OTHERWISE, e);
    }
  }

  private static String name(CudaDevice device) {
    return device.name() + " " + device.uuid();
  }

  /**
   * As in {@code ranks 0 and 2 on one (NVIDIA H200 a1b2…)}; null if all are different.
   *
   * @param devices of the ranks
   */
  static String sharedDevice(List<String> devices) {
    Map<String, Integer> first = new HashMap<>();
    for (int rank = 0; rank < devices.size(); rank++) {
      Integer other = first.putIfAbsent(devices.get(rank), rank);
      if (other != null) {
        return "ranks " + other + " and " + rank + " on one (" + devices.get(rank) + ")";
      }
    }
    return null;
  }
}
