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

  /** Chunks whose transfers are under way at once. */
  private static final int WINDOW = 4;

  private static final long MAX_PIECE_BYTES = 1 << 20;
  private static final long MIN_PIECE_BYTES = 1 << 16;

  /** Of transfers without reduction: far below the 2 GiB that a count of the bindings can say. */
  private static final long MAX_TRANSFER_BYTES = 64 << 20;

  /** Elements of shares are cut at cache lines where the caller does not see the cut. */
  private static final int CACHE_LINE = 64;

  private final Object comm;
  private final int rank;
  private final int size;
  private final Arena arena;
  private final long pieceBytes;
  private final MpiRequests[] scattered = new MpiRequests[WINDOW]; // of chunk c at c % WINDOW
  private final MpiRequests[] gathered = new MpiRequests[WINDOW];
  private MemorySegment scratch; // pieces of all ranks to be reduced here, of as many chunks; made when first needed
  private MemorySegment sources; // their addresses

  MpiBulk(Object comm, int rank, int size, Arena arena) {
    this.comm = comm;
    this.rank = rank;
    this.size = size;
    this.arena = arena;
    this.pieceBytes = Math.clamp(SCRATCH_BYTES / WINDOW / size, MIN_PIECE_BYTES, MAX_PIECE_BYTES);
    for (int i = 0; i < WINDOW; i++) {
      scattered[i] = new MpiRequests(2 * size);
      gathered[i] = new MpiRequests(2 * size);
    }
  }

  void allReduce(Collective.AllReduce c) {
    int bytes = c.type().bytes();
    Chunking chunking = Chunking.of(c.count(), size, CACHE_LINE / bytes, pieceBytes / bytes);
    long ahead = beginScattering(c.input(), bytes, chunking);
    for (long chunk = 0; chunk < chunking.numChunks(); chunk++) {
      scattered(chunk).await();
      long mine = chunking.offset(rank, chunk) * bytes;
      long count = chunking.count(rank, chunk);
      MemorySegment reduced = c.output().asSlice(mine, count * bytes);
      reduce(c.input().address() + mine, reduced, chunk, count, c.type(), c.reduction());
      MpiRequests gathering = gathered[slot(chunk)];
      gathering.await(); // of an earlier chunk
      for (int step = 1; step < size; step++) {
        int from = from(step);
        receive(gathering, c.output(), chunking.offset(from, chunk) * bytes, chunking.count(from, chunk) * bytes, from);
        send(gathering, c.output(), mine, count * bytes, to(step));
      }
      if (ahead < chunking.numChunks()) {
        scatter(c.input(), bytes, chunking, ahead++);
      }
    }
    for (MpiRequests gathering : gathered) {
      gathering.await();
    }
  }

  void reduceScatter(Collective.ReduceScatter c) {
    int bytes = c.type().bytes();
    Chunking chunking = Chunking.of(c.count(), size, 1, pieceBytes / bytes);
    long ahead = beginScattering(c.input(), bytes, chunking);
    for (long chunk = 0; chunk < chunking.numChunks(); chunk++) {
      scattered(chunk).await();
      long count = chunking.count(rank, chunk);
      if (count > 0) {
        MemorySegment reduced = c.output().asSlice(chunk * chunking.piece() * bytes, count * bytes);
        long own = c.input().address() + chunking.offset(rank, chunk) * bytes;
        reduce(own, reduced, chunk, count, c.type(), c.reduction());
      }
      if (ahead < chunking.numChunks()) {
        scatter(c.input(), bytes, chunking, ahead++);
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
      MpiRequests gathering = gathered[slot(chunk)];
      for (int step = 1; step < size; step++) {
        int from = from(step);
        receive(gathering, c.output(), chunking.offset(from, chunk) * bytes, chunking.count(from, chunk) * bytes, from);
        send(gathering, c.input(), inShare, mine, to(step));
      }
      if (mine > 0 && c.input().address() + inShare != c.output().address() + inWhole) {
        MemorySegment.copy(c.input(), inShare, c.output(), inWhole, mine);
      }
      gathering.await();
    }
  }

  void broadcast(Collective.Broadcast c) {
    for (long offset = 0; offset < c.bytes(); offset += MAX_TRANSFER_BYTES) {
      long length = Math.min(MAX_TRANSFER_BYTES, c.bytes() - offset);
      MpiBindings.broadcast(comm, view(c.data(), offset, length), (int) length, c.root());
    }
  }

  /** Returns the number of the first chunk that has not been begun. */
  private long beginScattering(MemorySegment input, int bytes, Chunking chunking) {
    if (scratch == null) {
      scratch = arena.allocate(WINDOW * size * pieceBytes, 4096);
      sources = arena.allocate(JAVA_LONG, size);
    }
    long ahead = Math.min(WINDOW, chunking.numChunks());
    for (long chunk = 0; chunk < ahead; chunk++) {
      scatter(input, bytes, chunking, chunk);
    }
    return ahead;
  }

  /** Begins to bring the pieces that this rank reduces into the scratch memory, and those that others reduce to them. */
  private void scatter(MemorySegment input, int bytes, Chunking chunking, long chunk) {
    MpiRequests scattering = scattered(chunk);
    for (int step = 1; step < size; step++) {
      int from = from(step);
      int to = to(step);
      receive(scattering, scratch, piece(chunk, from), chunking.count(rank, chunk) * bytes, from);
      send(scattering, input, chunking.offset(to, chunk) * bytes, chunking.count(to, chunk) * bytes, to);
    }
  }

  private MpiRequests scattered(long chunk) {
    return scattered[slot(chunk)];
  }

  private static int slot(long chunk) {
    return (int) (chunk % WINDOW);
  }

  /** Where in the scratch memory the piece of a rank goes. */
  private long piece(long chunk, int from) {
    return ((long) slot(chunk) * size + from) * pieceBytes;
  }

  private void reduce(long own, MemorySegment out, long chunk, long count, ElementType type, Reduction reduction) {
    for (int other = 0; other < size; other++) {
      sources.setAtIndex(JAVA_LONG, other, other == rank ? own : scratch.address() + piece(chunk, other));
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

  private void receive(MpiRequests to, MemorySegment data, long offset, long length, int from) {
    if (length > 0) {
      to.add(MpiBindings.iRecv(comm, view(data, offset, length), (int) length, from, TAG));
    }
  }

  private void send(MpiRequests to, MemorySegment data, long offset, long length, int receiver) {
    if (length > 0) {
      to.add(MpiBindings.iSend(comm, view(data, offset, length), (int) length, receiver, TAG));
    }
  }

  private static ByteBuffer view(MemorySegment data, long offset, long length) {
    return data.asSlice(offset, length).asByteBuffer();
  }
}
