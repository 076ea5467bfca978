package kiln.collectives.local;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import kiln.bindings.ReduceKernels;
import kiln.collectives.Chunking;
import kiln.collectives.Collective;
import kiln.collectives.ElementType;
import kiln.collectives.MismatchException;
import kiln.collectives.Reduction;

/**
 * The operations, chunk by chunk through the slots, so that what passes between ranks stays in the cache.
 *
 * <p>Chunks alternate between two sets of slots. A rank writes its next chunk while others may still read its last one, so one
 * barrier per chunk is enough:
 *
 * <pre>
 *   all-reduce       | scatter 0 | reduce 0, scatter 1 | collect 0, reduce 1, scatter 2 | collect 1, reduce 2 | collect 2
 *                           barrier               barrier                          barrier               barrier
 *   scatter: copy into my slot what others reduce;  reduce: my share, over all ranks in their order, into my slot's slice;
 *   collect: copy from the others' slots what they reduced
 * </pre>
 *
 * <p>Used by one thread at a time.
 */
final class LocalTransport {
  /** Elements of shares are cut at cache lines where the caller does not see the cut. */
  private static final int CACHE_LINE = 64;

  private final LocalSegment segment;
  private final LocalBarrier barrier;
  private final int rank;
  private final int size;
  private final MemorySegment sources; // address of the piece to reduce, per rank
  private MismatchException mismatch;

  // The operation under way.
  private Collective collective;
  private long sequence = -1;
  private boolean agreed;
  private long chunks; // of all operations before this one

  LocalTransport(LocalSegment segment, LocalBarrier barrier, int rank, Arena arena) {
    this.segment = segment;
    this.barrier = barrier;
    this.rank = rank;
    this.size = segment.numRanks();
    this.sources = arena.allocate(JAVA_LONG, size);
  }

  /** Does an operation; returns when this rank's part is done. */
  void execute(Collective next) {
    if (mismatch != null) {
      throw mismatch;
    }
    collective = next;
    sequence++;
    agreed = false;
    barrier.checkFailure(collective, sequence);
    segment.publish(rank, sequence, collective);
    long done =
        switch (next) {
          case Collective.AllReduce c -> allReduce(c);
          case Collective.ReduceScatter c -> reduceScatter(c);
          case Collective.AllGather c -> allGather(c);
          case Collective.Broadcast c -> broadcast(c);
          case Collective.Barrier c -> 0;
        };
    if (!agreed) {
      sync();
    }
    chunks += done;
  }

  private long allReduce(Collective.AllReduce c) {
    if (size == 1 && c.input().address() == c.output().address()) {
      return 0;
    }
    int bytes = c.type().bytes();
    Chunking chunking = Chunking.of(c.count(), size, CACHE_LINE / bytes, segment.sliceBytes() / bytes);
    long numChunks = chunking.numChunks();
    if (numChunks > 0) {
      scatter(c.input(), bytes, chunking, 0);
    }
    for (long chunk = 0; chunk < numChunks; chunk++) {
      sync();
      if (chunk > 0) {
        collect(c.output(), bytes, chunking, chunk - 1);
      }
      long count = chunking.count(rank, chunk);
      long mine = chunking.offset(rank, chunk) * bytes;
      long slice = segment.sliceOffset(parity(chunk), rank, rank);
      reduce(c.input().address() + mine, segment.memory().asSlice(slice), count, chunk, c.type(), c.reduction());
      MemorySegment.copy(segment.memory(), slice, c.output(), mine, count * bytes);
      if (chunk + 1 < numChunks) {
        scatter(c.input(), bytes, chunking, chunk + 1);
      }
    }
    if (numChunks > 0) {
      sync();
      collect(c.output(), bytes, chunking, numChunks - 1);
    }
    return numChunks;
  }

  private long reduceScatter(Collective.ReduceScatter c) {
    int bytes = c.type().bytes();
    Chunking chunking = Chunking.of(c.count(), size, 1, segment.sliceBytes() / bytes);
    long numChunks = chunking.numChunks();
    if (numChunks > 0) {
      scatter(c.input(), bytes, chunking, 0);
    }
    for (long chunk = 0; chunk < numChunks; chunk++) {
      sync();
      long count = chunking.count(rank, chunk);
      if (count > 0) {
        MemorySegment output = c.output().asSlice(chunk * chunking.piece() * bytes, count * bytes);
        reduce(
            c.input().address() + chunking.offset(rank, chunk) * bytes, output, count, chunk, c.type(), c.reduction());
      }
      if (chunk + 1 < numChunks) {
        scatter(c.input(), bytes, chunking, chunk + 1);
      }
    }
    return numChunks;
  }

  private long allGather(Collective.AllGather c) {
    int bytes = c.type().bytes();
    Chunking chunking = Chunking.of(c.count(), size, 1, size * segment.sliceBytes() / bytes);
    long numChunks = chunking.numChunks();
    for (long chunk = 0; chunk < numChunks; chunk++) {
      long mine = chunking.count(rank, chunk) * bytes;
      long inShare = chunk * chunking.piece() * bytes;
      long inWhole = chunking.offset(rank, chunk) * bytes;
      if (mine > 0) {
        MemorySegment.copy(c.input(), inShare, segment.memory(), segment.sliceOffset(parity(chunk), rank, 0), mine);
        if (c.input().address() + inShare != c.output().address() + inWhole) {
          MemorySegment.copy(c.input(), inShare, c.output(), inWhole, mine);
        }
      }
      sync();
      for (int other = 0; other < size; other++) {
        long theirs = chunking.count(other, chunk) * bytes;
        if (other != rank && theirs > 0) {
          long slot = segment.sliceOffset(parity(chunk), other, 0);
          MemorySegment.copy(segment.memory(), slot, c.output(), chunking.offset(other, chunk) * bytes, theirs);
        }
      }
    }
    return numChunks;
  }

  private long broadcast(Collective.Broadcast c) {
    int bytes = c.type().bytes();
    Chunking chunking = Chunking.of(c.count(), 1, 1, size * segment.sliceBytes() / bytes);
    long numChunks = chunking.numChunks();
    for (long chunk = 0; chunk < numChunks; chunk++) {
      long offset = chunking.offset(0, chunk) * bytes;
      long length = chunking.count(0, chunk) * bytes;
      long slot = segment.sliceOffset(parity(chunk), c.root(), 0);
      if (rank == c.root()) {
        MemorySegment.copy(c.data(), offset, segment.memory(), slot, length);
      }
      sync();
      if (rank != c.root()) {
        MemorySegment.copy(segment.memory(), slot, c.data(), offset, length);
      }
    }
    return numChunks;
  }

  private void scatter(MemorySegment input, int bytes, Chunking chunking, long chunk) {
    for (int owner = 0; owner < size; owner++) {
      long count = chunking.count(owner, chunk);
      if (owner != rank && count > 0) {
        long slice = segment.sliceOffset(parity(chunk), rank, owner);
        MemorySegment.copy(input, chunking.offset(owner, chunk) * bytes, segment.memory(), slice, count * bytes);
      }
    }
  }

  private void collect(MemorySegment output, int bytes, Chunking chunking, long chunk) {
    for (int owner = 0; owner < size; owner++) {
      long count = chunking.count(owner, chunk);
      if (owner != rank && count > 0) {
        long slice = segment.sliceOffset(parity(chunk), owner, owner);
        MemorySegment.copy(segment.memory(), slice, output, chunking.offset(owner, chunk) * bytes, count * bytes);
      }
    }
  }

  /** Reduces this rank's piece of a chunk: its own from its input, the others' from their slots. */
  private void reduce(long mine, MemorySegment out, long count, long chunk, ElementType type, Reduction reduction) {
    for (int other = 0; other < size; other++) {
      long address = segment.memory().address() + segment.sliceOffset(parity(chunk), other, rank);
      sources.setAtIndex(JAVA_LONG, other, other == rank ? mine : address);
    }
    int how =
        switch (reduction) {
          case SUM -> ReduceKernels.SUM;
          case AVERAGE -> ReduceKernels.AVERAGE;
          case MAX -> ReduceKernels.MAX;
          case MIN -> ReduceKernels.MIN;
        };
    switch (type) {
      case F32 -> ReduceKernels.reduceF32(sources, size, out, count, how);
      case BF16 -> ReduceKernels.reduceBf16(sources, size, out, count, how);
      case I32 -> ReduceKernels.reduceI32(sources, size, out, count, how);
      case I64 -> ReduceKernels.reduceI64(sources, size, out, count, how);
    }
  }

  private int parity(long chunk) {
    return (int) (chunks + chunk) & 1;
  }

  /** A barrier; the first one of an operation is followed by the comparison of what the ranks called. */
  private void sync() {
    barrier.await(collective, sequence);
    if (!agreed) {
      for (int other = 1; other < size; other++) {
        if (!segment.sameCall(0, other, sequence)) {
          mismatch =
              new MismatchException(
                  0, segment.call(0, sequence).toString(), other, segment.call(other, sequence).toString(), sequence);
          throw mismatch;
        }
      }
      agreed = true;
    }
  }
}
