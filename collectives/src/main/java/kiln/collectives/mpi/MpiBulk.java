package kiln.collectives.mpi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import kiln.bindings.ReduceKernels;
import kiln.collectives.Chunking;
import kiln.collectives.Collective;
import kiln.collectives.ElementType;
import kiln.collectives.Reduction;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/**
 * Operations on data that does not fit into messages, when it is known that all ranks are there and agree. Reductions are not
 * MPI's: they are a reduce-scatter and an all-gather from point-to-point transfers, straight between the callers' segments
 * except for what is to be reduced, in the order of the ranks, so that all transports give the same bits; bfloat16 is summed in
 * float32 and rounded once. What passes is 2·(n-1)/n of the data per rank, in pieces that stay in the cache.
 *
 * <p>Used by one thread at a time.
 */
final class MpiBulk {
  private static final int TAG = 2;

  /** Memory for what is to be reduced, in all. */
  private static final long SCRATCH_BYTES = 8 << 20;

  private static final long MAX_PIECE_BYTES = 1 << 20;
  private static final long MIN_PIECE_BYTES = 1 << 16;

  /** Of transfers without reduction: far below the 2 GiB that a count of the bindings can say. */
  private static final long MAX_TRANSFER_BYTES = 64 << 20;

  /** Elements of shares are cut at cache lines where the caller does not see the cut. */
  private static final int CACHE_LINE = 64;

  // Transfers go on while somebody looks after them: often, and never long not at all.
  private static final int SPINS = 1000;
  private static final int YIELDS = 5;
  private static final long MIN_PARK_NANOS = 1_000;
  private static final long MAX_PARK_NANOS = 50_000;

  private final Object comm;
  private final int rank;
  private final int size;
  private final Arena arena;
  private final long pieceBytes;
  private final Object[] requests;
  private int numRequests;
  private final IdleStrategy idle = new BackoffIdleStrategy(SPINS, YIELDS, MIN_PARK_NANOS, MAX_PARK_NANOS);
  private MemorySegment scratch; // pieces of all ranks to be reduced here; made when first needed
  private MemorySegment sources; // their addresses

  MpiBulk(Object comm, int rank, int size, Arena arena) {
    this.comm = comm;
    this.rank = rank;
    this.size = size;
    this.arena = arena;
    this.pieceBytes = Math.clamp(SCRATCH_BYTES / size, MIN_PIECE_BYTES, MAX_PIECE_BYTES);
    this.requests = new Object[2 * size];
  }

  void allReduce(Collective.AllReduce c) {
    int bytes = c.type().bytes();
    Chunking chunking = Chunking.of(c.count(), size, CACHE_LINE / bytes, pieceBytes / bytes);
    for (long chunk = 0; chunk < chunking.numChunks(); chunk++) {
      exchangeToReduce(c.input(), bytes, chunking, chunk);
      long mine = chunking.offset(rank, chunk) * bytes;
      long count = chunking.count(rank, chunk);
      MemorySegment reduced = c.output().asSlice(mine, count * bytes);
      reduce(c.input().address() + mine, reduced, count, c.type(), c.reduction());
      for (int step = 1; step < size; step++) {
        int from = from(step);
        receive(c.output(), chunking.offset(from, chunk) * bytes, chunking.count(from, chunk) * bytes, from);
        send(c.output(), mine, count * bytes, to(step));
      }
      await();
    }
  }

  void reduceScatter(Collective.ReduceScatter c) {
    int bytes = c.type().bytes();
    Chunking chunking = Chunking.of(c.count(), size, 1, pieceBytes / bytes);
    for (long chunk = 0; chunk < chunking.numChunks(); chunk++) {
      exchangeToReduce(c.input(), bytes, chunking, chunk);
      long count = chunking.count(rank, chunk);
      if (count > 0) {
        MemorySegment reduced = c.output().asSlice(chunk * chunking.piece() * bytes, count * bytes);
        reduce(c.input().address() + chunking.offset(rank, chunk) * bytes, reduced, count, c.type(), c.reduction());
      }
    }
  }

  void allGather(Collective.AllGather c) {
    int bytes = c.type().bytes();
    Chunking chunking = Chunking.of(c.count(), size, 1, MAX_TRANSFER_BYTES / bytes);
    for (long chunk = 0; chunk < chunking.numChunks(); chunk++) {
      long inShare = chunk * chunking.piece() * bytes;
      long inWhole = chunking.offset(rank, chunk) * bytes;
      long mine = chunking.count(rank, chunk) * bytes;
      for (int step = 1; step < size; step++) {
        int from = from(step);
        receive(c.output(), chunking.offset(from, chunk) * bytes, chunking.count(from, chunk) * bytes, from);
        send(c.input(), inShare, mine, to(step));
      }
      if (mine > 0 && c.input().address() + inShare != c.output().address() + inWhole) {
        MemorySegment.copy(c.input(), inShare, c.output(), inWhole, mine);
      }
      await();
    }
  }

  void broadcast(Collective.Broadcast c) {
    for (long offset = 0; offset < c.bytes(); offset += MAX_TRANSFER_BYTES) {
      long length = Math.min(MAX_TRANSFER_BYTES, c.bytes() - offset);
      MpiBindings.broadcast(comm, view(c.data(), offset, length), (int) length, c.root());
    }
  }

  /** Brings the pieces that this rank reduces into the scratch memory, and takes those that others reduce to them. */
  private void exchangeToReduce(MemorySegment input, int bytes, Chunking chunking, long chunk) {
    if (scratch == null) {
      scratch = arena.allocate(size * pieceBytes, 4096);
      sources = arena.allocate(JAVA_LONG, size);
    }
    for (int step = 1; step < size; step++) {
      int from = from(step);
      int to = to(step);
      receive(scratch, from * pieceBytes, chunking.count(rank, chunk) * bytes, from);
      send(input, chunking.offset(to, chunk) * bytes, chunking.count(to, chunk) * bytes, to);
    }
    await();
  }

  private void reduce(long own, MemorySegment out, long count, ElementType type, Reduction reduction) {
    for (int other = 0; other < size; other++) {
      sources.setAtIndex(JAVA_LONG, other, other == rank ? own : scratch.address() + other * pieceBytes);
    }
    reduce(sources, size, out, count, type, reduction);
  }

  /** out = reduction of the elements at {@code size} addresses. */
  static void reduce(MemorySegment sources, int size, MemorySegment out, long count, ElementType type, Reduction reduction) {
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

  // In step s everyone sends to the rank s places after it, so that no rank gets everything at once.

  private int to(int step) {
    return (rank + step) % size;
  }

  private int from(int step) {
    return (rank - step + size) % size;
  }

  private void receive(MemorySegment data, long offset, long length, int from) {
    if (length > 0) {
      requests[numRequests++] = MpiBindings.iRecv(comm, view(data, offset, length), (int) length, from, TAG);
    }
  }

  private void send(MemorySegment data, long offset, long length, int to) {
    if (length > 0) {
      requests[numRequests++] = MpiBindings.iSend(comm, view(data, offset, length), (int) length, to, TAG);
    }
  }

  private static ByteBuffer view(MemorySegment data, long offset, long length) {
    return data.asSlice(offset, length).asByteBuffer();
  }

  /** Waits for all transfers; the processor is offered to threads that compute. */
  private void await() {
    idle.reset();
    while (true) {
      int done = 0;
      for (int i = 0; i < numRequests; i++) {
        if (requests[i] == null || MpiBindings.test(requests[i])) {
          requests[i] = null;
          done++;
        }
      }
      if (done == numRequests) {
        numRequests = 0;
        return;
      }
      idle.idle();
    }
  }
}
