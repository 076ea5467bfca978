package kiln.collectives.hierarchical;

import java.lang.foreign.MemorySegment;
import java.util.List;
import kiln.bindings.ReduceKernels;
import kiln.bindings.Region;
import kiln.collectives.Collective;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.collectives.Reduction;
import kiln.collectives.Shard;

/**
 * The operations in two levels, so that every element crosses from node to node as seldom as it can, and all ranks of a node
 * share that work: those with the same place in their nodes form a <i>rail</i>, a communicator across nodes.
 *
 * <pre>
 *               node 0                    node 1
 *          rank 0   rank 1           rank 2   rank 3       allReduce of a b:
 *          | a b |  | a b |          | a b |  | a b |
 *   inside | a+  |  |  b+ |          | a+  |  |  b+ |      reduceScatter: each a share
 *   across | A   |  |   B |  ◀────▶  | A   |  |   B |      allReduce on rail 0 (A) and on rail 1 (B)
 *   inside | A B |  | A B |          | A B |  | A B |      allGather
 * </pre>
 *
 * <p>Sums are added inside nodes first, so that they may differ from another transport's in the last bits; bfloat16 is rounded
 * once per level, and once more by an average. Used by one thread at a time.
 */
final class HierarchicalTransport implements AutoCloseable {
  private final NodeTable nodes;
  private final int rank;
  private final int size;
  private final int node;
  private final Communicator inside;
  private final Communicator across;
  private final List<Integer> rail; // its ranks
  private Region staging = Region.allocate("hierarchical", 0);
  private Region packed = Region.allocate("hierarchical-packed", 0);

  /**
   * @param inside this rank's node, ranks in ascending order
   * @param across the ranks with the same place in their nodes, ascending
   */
  HierarchicalTransport(NodeTable nodes, int rank, int size, Communicator inside, Communicator across) {
    this.nodes = nodes;
    this.rank = rank;
    this.size = size;
    this.node = nodes.node(rank);
    this.inside = inside;
    this.across = across;
    this.rail = nodes.across(inside.rank());
  }

  /** Whether the operation gains by two levels; else it is left to the communicator of all ranks. */
  boolean does(Collective collective) {
    return switch (collective) {
      case Collective.AllReduce _, Collective.Broadcast _ -> true;
      case Collective.ReduceScatter _, Collective.AllGather _ -> nodes.isEven();
      case Collective.Barrier _ -> false;
    };
  }

  /** Does an operation on which all ranks have agreed. */
  void execute(Collective collective) {
    switch (collective) {
      case Collective.AllReduce c when nodes.isEven() -> allReduce(c);
      case Collective.AllReduce c -> allReduceUneven(c);
      case Collective.ReduceScatter c -> reduceScatter(c);
      case Collective.AllGather c -> allGather(c);
      case Collective.Broadcast c -> broadcast(c);
      case Collective.Barrier _ -> throw new IllegalArgumentException("barrier");
    }
  }

  private void allReduce(Collective.AllReduce c) {
    MemorySegment mine = slice(c.output(), Shard.of(c.count(), inside.rank(), inside.size()), c.type());
    inside.reduceScatter(c.input(), mine, c.count(), c.type(), sum(c.reduction()));
    across.allReduce(mine, c.type(), sum(c.reduction()));
    finish(mine, c.type(), c.reduction());
    inside.allGather(mine, c.output(), c.count(), c.type());
  }

  /** As many rails as the smallest node has ranks; on larger nodes the others only take part inside. */
  private void allReduceUneven(Collective.AllReduce c) {
    int rails = nodes.smallestNode();
    inside.allReduce(c.input(), c.output(), c.count(), c.type(), sum(c.reduction()));
    if (inside.rank() < rails) {
      MemorySegment mine = slice(c.output(), Shard.of(c.count(), inside.rank(), rails), c.type());
      across.allReduce(mine, c.type(), sum(c.reduction()));
      finish(mine, c.type(), c.reduction());
    }
    for (int owner = 0; owner < rails; owner++) {
      Shard shard = Shard.of(c.count(), owner, rails);
      inside.broadcast(slice(c.output(), shard, c.type()), shard.count(), c.type(), owner);
    }
  }

  /** Inside every node first, once per node that the elements are for; then what is for this rank's rail, across. */
  private void reduceScatter(Collective.ReduceScatter c) {
    long block = Shard.block(c.count(), size, 1);
    MemorySegment ofRail = staging(block, c.type()); // a block for each rank of the rail
    for (int to = 0; to < nodes.numNodes(); to++) {
      MemorySegment blocks = isInPlace(to, block, c.count()) ? blocks(c.input(), to, block, c.type()) : pack(c, to, block);
      MemorySegment reduced = block(ofRail, rail.indexOf(member(to)), block, c.type());
      inside.reduceScatter(blocks, reduced, block * inside.size(), c.type(), sum(c.reduction()));
    }
    MemorySegment mine = block(ofRail, across.rank(), block, c.type());
    across.reduceScatter(ofRail, mine, block * across.size(), c.type(), sum(c.reduction()));
    long bytes = Shard.of(c.count(), rank, size).count() * c.type().bytes();
    MemorySegment output = c.output().asSlice(0, bytes).copyFrom(mine.asSlice(0, bytes));
    finish(output, c.type(), c.reduction());
  }

  /** Along the rail first, then the rail's blocks of each node inside this one. */
  private void allGather(Collective.AllGather c) {
    long block = Shard.block(c.count(), size, 1);
    MemorySegment ofRail = staging(block, c.type());
    MemorySegment mine = block(ofRail, across.rank(), block, c.type());
    MemorySegment.copy(c.input(), 0, mine, 0, Shard.of(c.count(), rank, size).count() * c.type().bytes());
    across.allGather(mine, ofRail, block * across.size(), c.type());
    for (int from = 0; from < nodes.numNodes(); from++) {
      MemorySegment theirs = block(ofRail, rail.indexOf(member(from)), block, c.type());
      if (isInPlace(from, block, c.count())) {
        inside.allGather(theirs, blocks(c.output(), from, block, c.type()), block * inside.size(), c.type());
      } else {
        MemorySegment all = packed(block, c.type());
        inside.allGather(theirs, all, block * inside.size(), c.type());
        unpack(all, c, from, block);
      }
    }
  }

  /** Inside the root's node, from there to the first rank of every node, and on inside these. */
  private void broadcast(Collective.Broadcast c) {
    int rootNode = nodes.node(c.root());
    if (node == rootNode) {
      inside.broadcast(c.data(), c.count(), c.type(), nodes.localRank(c.root()));
    }
    if (inside.rank() == 0) {
      across.broadcast(c.data(), c.count(), c.type(), rail.indexOf(nodes.members().get(rootNode).getFirst()));
    }
    if (node != rootNode) {
      inside.broadcast(c.data(), c.count(), c.type(), 0);
    }
  }

  /** Averages are sums until all has been added, because nodes may differ in size. */
  private static Reduction sum(Reduction reduction) {
    return reduction == Reduction.AVERAGE ? Reduction.SUM : reduction;
  }

  private void finish(MemorySegment sum, ElementType type, Reduction reduction) {
    if (reduction != Reduction.AVERAGE) {
      return;
    }
    long count = sum.byteSize() / type.bytes();
    switch (type) {
      case F32 -> ReduceKernels.divideF32(sum, count, size);
      case BF16 -> ReduceKernels.divideBf16(sum, count, size);
      case I32 -> ReduceKernels.divideI32(sum, count, size);
      case I64 -> ReduceKernels.divideI64(sum, count, size);
    }
  }

  /** The rank of a node that is on this rank's rail. */
  private int member(int ofNode) {
    return nodes.members().get(ofNode).get(inside.rank());
  }

  /** Whether the blocks of a node's ranks lie side by side, and whole. */
  private boolean isInPlace(int ofNode, long block, long count) {
    return nodes.isContiguous(ofNode) && (nodes.members().get(ofNode).getLast() + 1) * block <= count;
  }

  private MemorySegment blocks(MemorySegment whole, int ofNode, long block, ElementType type) {
    long bytes = block * type.bytes();
    return whole.asSlice(nodes.members().get(ofNode).getFirst() * bytes, bytes * inside.size());
  }

  /** Blocks of a node's ranks side by side; what is beyond the last element is whatever was there. */
  private MemorySegment pack(Collective.ReduceScatter c, int ofNode, long block) {
    MemorySegment all = packed(block, c.type());
    int bytes = c.type().bytes();
    for (int i = 0; i < inside.size(); i++) {
      Shard shard = Shard.of(c.count(), nodes.members().get(ofNode).get(i), size);
      MemorySegment.copy(c.input(), shard.offset() * bytes, all, i * block * bytes, shard.count() * bytes);
    }
    return all;
  }

  private void unpack(MemorySegment all, Collective.AllGather c, int ofNode, long block) {
    int bytes = c.type().bytes();
    for (int i = 0; i < inside.size(); i++) {
      Shard shard = Shard.of(c.count(), nodes.members().get(ofNode).get(i), size);
      MemorySegment.copy(all, i * block * bytes, c.output(), shard.offset() * bytes, shard.count() * bytes);
    }
  }

  private static MemorySegment slice(MemorySegment data, Shard shard, ElementType type) {
    return data.asSlice(shard.offset() * type.bytes(), shard.count() * type.bytes());
  }

  private static MemorySegment block(MemorySegment blocks, int index, long block, ElementType type) {
    return blocks.asSlice(index * block * type.bytes(), block * type.bytes());
  }

  private MemorySegment staging(long block, ElementType type) {
    staging = atLeast(staging, block * rail.size() * type.bytes());
    return staging.slice(0, block * rail.size() * type.bytes());
  }

  private MemorySegment packed(long block, ElementType type) {
    packed = atLeast(packed, block * inside.size() * type.bytes());
    return packed.slice(0, block * inside.size() * type.bytes());
  }

  private static Region atLeast(Region region, long bytes) {
    if (region.byteSize() >= bytes) {
      return region;
    }
    region.close();
    return Region.allocate(region.name(), bytes);
  }

  @Override
  public void close() {
    staging.close();
    packed.close();
  }
}
