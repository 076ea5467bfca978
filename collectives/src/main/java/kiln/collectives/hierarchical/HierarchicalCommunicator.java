package kiln.collectives.hierarchical;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;
import kiln.collectives.Collective;
import kiln.collectives.CollectiveException;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.collectives.HostMemory;
import kiln.collectives.PeerLostException;
import kiln.collectives.Pending;
import kiln.collectives.ProgressThread;

/**
 * Ranks of several nodes, of which those of a node are joined by one transport and all of them by another: large operations go
 * in two levels (see {@link HierarchicalTransport}), small ones, which cost latency only, straight over all ranks.
 */
public final class HierarchicalCommunicator implements Communicator {
  /** Up to here one operation of all ranks was measured to cost less than three steps: 4 ranks on 2 hosts, links of 1 Gbit/s. */
  private static final long FLAT_BYTES = 16 << 10;

  private final Communicator world;
  private final Communicator failures;
  private final Communicator inside;
  private final Communicator across;
  private final NodeTable nodes;
  private final long flatBytes;
  private final HierarchicalTransport transport;
  private final Agreement agreement;
  private final ProgressThread progress;
  private final Object lifecycle = new Object();
  private long sequence = -1;
  private CollectiveException failure;
  private volatile boolean closing;
  private boolean closed; // guarded by lifecycle

  private HierarchicalCommunicator(Communicator world, Communicator inside, NodeTable nodes, long flatBytes) {
    this.world = world;
    this.inside = inside;
    this.nodes = nodes;
    this.flatBytes = flatBytes;
    this.failures = world.split(0);
    this.across = world.split(inside.rank());
    this.transport = new HierarchicalTransport(nodes, world.rank(), world.size(), inside, across);
    this.agreement = new Agreement(world, failures);
    this.progress = new ProgressThread("collectives-" + world.rank(), this::execute);
  }

  /**
   * Collective.
   *
   * @param world all ranks, over a transport that reaches all nodes; closed with this
   * @param inside the ranks of this rank's node, in the order that they have in {@code world}; closed with this
   * @param node any number that this node's ranks give, and no others
   * @throws IllegalArgumentException if {@code inside} are others than the ranks that give {@code node}
   */
  public static HierarchicalCommunicator of(Communicator world, Communicator inside, int node) {
    return of(world, inside, node, FLAT_BYTES);
  }

  /**
   * The same.
   *
   * @param flatBytes operations of at most so many bytes go straight over all ranks
   */
  public static HierarchicalCommunicator of(Communicator world, Communicator inside, int node, long flatBytes) {
    NodeTable nodes = NodeTable.of(gather(world, node));
    List<Integer> here = nodes.members().get(nodes.node(world.rank()));
    if (inside.size() != here.size() || inside.rank() != nodes.localRank(world.rank())) {
      String found = "rank " + inside.rank() + " of " + inside.size();
      throw new IllegalArgumentException("inside: expected the communicator of ranks " + here + ", found " + found);
    }
    return new HierarchicalCommunicator(world, inside, nodes, flatBytes);
  }

  private static int[] gather(Communicator world, int value) {
    try (Arena call = Arena.ofShared()) {
      MemorySegment values = call.allocate(JAVA_INT, world.size());
      values.setAtIndex(JAVA_INT, world.rank(), value);
      MemorySegment mine = values.asSlice((long) world.rank() * Integer.BYTES, Integer.BYTES);
      world.allGather(mine, values, world.size(), ElementType.I32);
      return values.toArray(JAVA_INT);
    }
  }

  @Override
  public int rank() {
    return world.rank();
  }

  @Override
  public int size() {
    return world.size();
  }

  @Override
  public Pending start(Collective collective) {
    HostMemory.check(collective, rank(), size());
    return progress.start(collective);
  }

  @Override
  public void run(Collective collective) {
    HostMemory.check(collective, rank(), size());
    progress.run(collective);
  }

  private void execute(Collective collective) {
    sequence++;
    if (failure != null) {
      throw again(collective);
    }
    boolean inWorld = true; // what is under way involves all ranks
    try {
      if (collective.bytes() <= flatBytes || !transport.does(collective)) {
        world.run(collective);
      } else if (agreement.check(collective)) {
        inWorld = false;
        transport.execute(collective);
      } else {
        throw new CollectiveException("ranks disagree");
      }
    } catch (CollectiveException e) {
      if (closing) {
        throw e;
      }
      failure = explain(collective, e, inWorld);
      throw failure;
    } catch (RuntimeException | Error e) {
      failure = new CollectiveException(collective.name() + ": " + e, e);
      abort(e.toString());
      throw failure;
    }
  }

  private CollectiveException again(Collective collective) {
    return failure instanceof PeerLostException lost
        ? new PeerLostException(lost.rank(), lost.reason(), collective.name(), sequence, collective.bytes())
        : failure;
  }

  private CollectiveException explain(Collective collective, CollectiveException e, boolean inWorld) {
    if (!inWorld) {
      inside.abort(Agreement.GAVE_WAY);
      across.abort(Agreement.GAVE_WAY);
    }
    // A rank that is lost inside or across is lost to all ranks too, under the number that it has there.
    int lost = inWorld && e instanceof PeerLostException peer ? peer.rank() : -1;
    String reason = e instanceof PeerLostException peer ? peer.reason() : e.getMessage();
    return agreement.explain(collective, sequence, lost, reason, inWorld);
  }

  /**
   * Ranks of one node get a communicator of the transport inside it, ranks of as many nodes one of the transport of all ranks.
   */
  @Override
  public Communicator split(int color) {
    barrier(); // ends all operations issued before, so that no other thread uses these communicators below
    int[] colors = gather(world, color);
    NodeTable group =
        NodeTable.of(IntStream.range(0, size()).filter(rank -> colors[rank] == color).map(nodes::node).toArray());
    Communicator all = world.split(color);
    Communicator here = inside.split(color);
    if (group.numNodes() == 1) {
      all.close();
      return here;
    }
    if (group.numNodes() == all.size()) {
      here.close();
      return all;
    }
    return new HierarchicalCommunicator(all, here, group, flatBytes);
  }

  @Override
  public void abort(String reason) {
    synchronized (lifecycle) {
      if (!closed) {
        for (Communicator part : List.of(world, failures, inside, across)) {
          part.abort(reason);
        }
      }
    }
  }

  @Override
  public void close() {
    closing = true;
    for (Communicator part : List.of(inside, across, world, failures)) {
      part.close();
    }
    progress.close();
    synchronized (lifecycle) {
      if (!closed) {
        closed = true;
        transport.close();
        agreement.close();
      }
    }
  }
}
