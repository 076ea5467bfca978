package kiln.collectives.mpi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import kiln.collectives.Collective;
import kiln.collectives.CollectiveCall;
import kiln.collectives.CollectiveException;
import kiln.collectives.ElementType;
import kiln.collectives.MismatchException;
import kiln.collectives.Patience;
import kiln.collectives.PeerLostException;
import kiln.collectives.Reduction;
import kiln.collectives.Shard;
import org.agrona.concurrent.IdleStrategy;

/**
 * The operations. Each begins with a message from every rank to every other ({@link MpiMessages}), which compares what they
 * called and carries data of up to 3952 bytes; larger data follows by {@link MpiBulk} once all ranks are known to be there and
 * to agree. So ranks wait for each other only in the messages, where a wait can be given up and its core is left to others.
 *
 * <p>The price is n-1 messages per rank and operation: for hundreds of ranks, compose communicators.
 *
 * <p>Used by one thread at a time, except {@link #abort} and {@link #closing}.
 */
final class MpiTransport {
  /** Looks without a pause between, because a pause can be longer than the message takes. */
  private static final int EAGER_LOOKS = 100;

  private record Loss(int rank, String reason) {}

  private final int rank;
  private final int size;
  private final MpiMessages messages;
  private final MpiBulk bulk;
  private final MemorySegment sources; // address of the data in every message
  private final IdleStrategy idle;
  private long sequence = -1;
  private MismatchException mismatch;
  private volatile Loss loss;
  private volatile boolean closing;

  MpiTransport(Object comm, int rank, int size, Arena arena) {
    this.rank = rank;
    this.size = size;
    this.messages = new MpiMessages(comm, rank, size, arena);
    this.bulk = new MpiBulk(comm, rank, size, arena);
    this.idle = Patience.forPeers(size);
    this.sources = arena.allocate(JAVA_LONG, size);
    for (int other = 0; other < size; other++) {
      sources.setAtIndex(JAVA_LONG, other, messages.memory().address() + MpiMessages.payload(other));
    }
  }

  /** Does an operation; returns when this rank's part is done. */
  void execute(Collective collective) {
    sequence++;
    checkFailure(collective);
    try {
      switch (collective) {
        case Collective.AllReduce c -> allReduce(c);
        case Collective.ReduceScatter c -> reduceScatter(c);
        case Collective.AllGather c -> allGather(c);
        case Collective.Broadcast c -> broadcast(c);
        case Collective.Barrier c -> exchange(c, MemorySegment.NULL, 0);
      }
    } catch (MpiException e) {
      throw new CollectiveException(
          "%s, sequence=%d, bytes=%d: %s".formatted(collective.name(), sequence, collective.bytes(), e.getMessage()), e);
    }
    messages.consumed();
  }

  /** This rank cannot go on; tells the others. */
  void abort(String reason) {
    String aborted = "aborted: " + reason;
    loss = new Loss(rank, aborted);
    messages.leave(aborted);
  }

  /** Makes a wait for other ranks, under way or to come, fail. */
  void closing() {
    closing = true;
  }

  /** Leaves, if it has not aborted. */
  void close() {
    Loss known = loss;
    if (known == null || known.rank != rank) {
      messages.leave("it closed its communicator");
    }
    messages.release();
  }

  /** Whether all went well. */
  boolean isSound() {
    return loss == null;
  }

  private void allReduce(Collective.AllReduce c) {
    if (size == 1) {
      copy(c.input(), 0, c.output(), c.bytes());
    } else if (c.bytes() <= MpiMessages.PAYLOAD_BYTES) {
      exchange(c, c.input(), c.bytes());
      MpiBulk.reduce(sources, size, c.output(), c.count(), c.type(), c.reduction());
    } else {
      exchange(c, MemorySegment.NULL, 0);
      bulk.allReduce(c);
    }
  }

  private void reduceScatter(Collective.ReduceScatter c) {
    Shard share = Shard.of(c.count(), rank, size);
    if (size == 1) {
      copy(c.input(), 0, c.output(), c.bytes());
    } else if (c.bytes() <= MpiMessages.PAYLOAD_BYTES) {
      exchange(c, c.input(), c.bytes());
      reduceShare(share, c.output(), c.type(), c.reduction());
    } else {
      exchange(c, MemorySegment.NULL, 0);
      bulk.reduceScatter(c);
    }
  }

  private void reduceShare(Shard share, MemorySegment output, ElementType type, Reduction reduction) {
    long skip = share.offset() * type.bytes();
    try (Arena call = Arena.ofConfined()) {
      MemorySegment shares = call.allocate(JAVA_LONG, size);
      for (int other = 0; other < size; other++) {
        shares.setAtIndex(JAVA_LONG, other, sources.getAtIndex(JAVA_LONG, other) + skip);
      }
      MpiBulk.reduce(shares, size, output, share.count(), type, reduction);
    }
  }

  private void allGather(Collective.AllGather c) {
    int bytes = c.type().bytes();
    if (Shard.block(c.count(), size, 1) * bytes > MpiMessages.PAYLOAD_BYTES) {
      exchange(c, MemorySegment.NULL, 0);
      bulk.allGather(c);
      return;
    }
    exchange(c, c.input(), Shard.of(c.count(), rank, size).count() * bytes);
    for (int other = 0; other < size; other++) {
      Shard share = Shard.of(c.count(), other, size);
      long length = share.count() * bytes;
      MemorySegment.copy(messages.memory(), MpiMessages.payload(other), c.output(), share.offset() * bytes, length);
    }
  }

  private void broadcast(Collective.Broadcast c) {
    if (c.bytes() > MpiMessages.PAYLOAD_BYTES) {
      exchange(c, MemorySegment.NULL, 0);
      bulk.broadcast(c);
      return;
    }
    exchange(c, c.data(), rank == c.root() ? c.bytes() : 0);
    if (rank != c.root()) {
      MemorySegment.copy(messages.memory(), MpiMessages.payload(c.root()), c.data(), 0, c.bytes());
    }
  }

  private static void copy(MemorySegment from, long offset, MemorySegment to, long bytes) {
    if (from.address() + offset != to.address()) {
      MemorySegment.copy(from, offset, to, 0, bytes);
    }
  }

  /** Exchanges what was called, and so many bytes of each rank's data; they are there until {@link MpiMessages#consumed}. */
  private void exchange(Collective collective, MemorySegment data, long bytes) {
    MemorySegment.copy(data, 0, messages.memory(), MpiMessages.payload(rank), bytes);
    messages.send(CollectiveCall.of(collective), sequence, (int) bytes);
    idle.reset();
    for (int look = 1; !messages.haveArrived(); look++) {
      int left = messages.leftRank();
      if (left >= 0) {
        loss = new Loss(left, messages.reason(left));
      }
      checkFailure(collective);
      if (closing) {
        throw new CollectiveException(collective.name() + " was under way when the communicator was closed");
      }
      if (look > EAGER_LOOKS) {
        idle.idle();
      }
    }
    int other = messages.firstThatDiffers();
    if (other >= 0) {
      mismatch =
          new MismatchException(0, messages.call(0).toString(), other, messages.call(other).toString(), sequence);
      throw mismatch;
    }
  }

  private void checkFailure(Collective collective) {
    if (mismatch != null) {
      throw mismatch;
    }
    Loss known = loss;
    if (known != null) {
      throw new PeerLostException(known.rank, known.reason, collective.name(), sequence, collective.bytes());
    }
  }
}
