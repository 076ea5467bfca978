package kiln.collectives.staged;

import java.lang.foreign.MemorySegment;
import kiln.bindings.cuda.CudaStream;
import kiln.bindings.cuda.DeviceMemory;
import kiln.collectives.Chunking;
import kiln.collectives.Collective;
import kiln.collectives.Shard;

/**
 * An operation on a device's memory as a number of operations on chunks of it in the host's memory: what comes from the device, what
 * ranks do, what goes back. An operation that fits into one chunk is done as it is. Where shares are concerned, a chunk has a piece of
 * each, all of the length of the first rank's:
 *
 * <pre>
 *   device   share of rank 0 | 0 | 1 | 2 |   share of rank 1 | 0 | 1 | 2 |        numbers: chunks
 *   chunk 1  | 1 of share 0 | 1 of share 1 |
 * </pre>
 */
final class ChunkedCollective {
  private final Collective whole;
  private final Chunking chunking;
  private final int rank;
  private final int size;
  private final int width; // bytes of an element

  ChunkedCollective(Collective whole, int rank, int size, long chunkBytes) {
    this.whole = whole;
    this.rank = rank;
    this.size = size;
    this.width = whole.type().bytes();
    boolean hasShares = whole instanceof Collective.ReduceScatter || whole instanceof Collective.AllGather;
    int parts = hasShares ? size : 1;
    this.chunking = Chunking.of(whole.count(), parts, 1, Math.max(1, chunkBytes / width / parts));
  }

  /** At least one: ranks compare even what they call on nothing. */
  long numChunks() {
    return Math.max(1, chunking.numChunks());
  }

  private boolean isOne() {
    return chunking.numChunks() <= 1;
  }

  /** Elements of each rank's piece, but for padding. */
  private long piece(long chunk) {
    return isOne() ? chunking.block() : chunking.count(0, chunk);
  }

  /** Elements of the chunk's own operation. */
  private long count(long chunk) {
    return isOne() ? whole.count() : chunking.size() * piece(chunk);
  }

  /** Queues the copies of what this rank gives. */
  void load(long chunk, MemorySegment place, CudaStream stream) {
    switch (whole) {
      case Collective.AllReduce c -> load(c.input(), chunking.offset(0, chunk), place, 0, count(chunk), stream);
      case Collective.ReduceScatter c -> {
        for (int other = 0; other < size; other++) {
          long from = chunking.offset(other, chunk);
          load(c.input(), from, place, other * piece(chunk), chunking.count(other, chunk), stream);
        }
      }
      case Collective.AllGather c -> {
        long from = chunk * chunking.piece();
        load(c.input(), from, place, rank * piece(chunk), chunking.count(rank, chunk), stream);
      }
      case Collective.Broadcast c -> {
        if (rank == c.root()) {
          load(c.data(), chunking.offset(0, chunk), place, 0, count(chunk), stream);
        }
      }
      case Collective.Barrier _ -> {}
    }
  }

  /** What ranks do with a chunk. */
  Collective operation(long chunk, MemorySegment place) {
    long count = count(chunk);
    MemorySegment all = place.asSlice(0, count * width);
    Shard share = Shard.of(count, rank, size);
    MemorySegment mine = place.asSlice(share.offset() * width, share.count() * width);
    return switch (whole) {
      case Collective.AllReduce c -> new Collective.AllReduce(all, all, count, c.type(), c.reduction());
      case Collective.ReduceScatter c -> new Collective.ReduceScatter(all, mine, count, c.type(), c.reduction());
      case Collective.AllGather c -> new Collective.AllGather(mine, all, count, c.type());
      case Collective.Broadcast c -> new Collective.Broadcast(all, count, c.type(), c.root());
      case Collective.Barrier c -> c;
    };
  }

  /** Queues the copies of what this rank gets. */
  void store(long chunk, MemorySegment place, CudaStream stream) {
    switch (whole) {
      case Collective.AllReduce c -> store(place, 0, c.output(), chunking.offset(0, chunk), count(chunk), stream);
      case Collective.ReduceScatter c -> {
        long to = chunk * chunking.piece();
        store(place, rank * piece(chunk), c.output(), to, chunking.count(rank, chunk), stream);
      }
      case Collective.AllGather c -> {
        for (int other = 0; other < size; other++) {
          long to = chunking.offset(other, chunk);
          store(place, other * piece(chunk), c.output(), to, chunking.count(other, chunk), stream);
        }
      }
      case Collective.Broadcast c -> {
        if (rank != c.root()) {
          store(place, 0, c.data(), chunking.offset(0, chunk), count(chunk), stream);
        }
      }
      case Collective.Barrier _ -> {}
    }
  }

  private void load(MemorySegment from, long first, MemorySegment place, long at, long count, CudaStream stream) {
    if (count > 0) {
      stream.copyToHost(
          DeviceMemory.of(from).slice(first * width, count * width), place.asSlice(at * width, count * width));
    }
  }

  private void store(MemorySegment place, long at, MemorySegment to, long first, long count, CudaStream stream) {
    if (count > 0) {
      stream.copyToDevice(
          place.asSlice(at * width, count * width), DeviceMemory.of(to).slice(first * width, count * width));
    }
  }
}
