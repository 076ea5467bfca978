package kiln.collectives.mpi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import kiln.collectives.CollectiveCall;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One small message from every rank to every other, per operation: what the rank called, and its data if that fits. Such
 * messages are sent without waiting for the receiver, so a rank can also say that it leaves; and who is missing is known.
 *
 * <pre>
 *    0 +---------------------------------------------+
 *      | call: a CollectiveCall; or, of a rank that  |
 *      | leaves, count = bytes of the reason,        |
 *      | no call                                     |
 *   16 +---------------------------------------------+
 *      | payload, up to 3952 bytes: this rank's data, |
 *      | or the reason in UTF-8                      |
 *      +---------------------------------------------+
 * </pre>
 *
 * <p>Used by one thread at a time, except {@link #leave}.
 */
final class MpiMessages {
  /** Below what any of Open MPI's networks sends at once, without asking the receiver. */
  private static final int MESSAGE_BYTES = 3968;

  /** What a message can carry beside the call. */
  static final int PAYLOAD_BYTES = MESSAGE_BYTES - CollectiveCall.BYTES;

  private static final int TAG = 1;
  private static final int REASON_BYTES = 0;

  private final Object comm;
  private final int rank;
  private final int size;
  private final MemorySegment memory; // a message per rank, this one's own to be sent, then that of leave()
  private final UnsafeBuffer buffer;
  private final ByteBuffer own;
  private final ByteBuffer leaving;
  private final Object[] receives; // persistent, always started; none of this rank
  private final boolean[] arrived;
  private int numMissing;

  MpiMessages(Object comm, int rank, int size, Arena arena) {
    this.comm = comm;
    this.rank = rank;
    this.size = size;
    this.memory = arena.allocate((size + 1L) * MESSAGE_BYTES, 64);
    this.buffer = new UnsafeBuffer(memory.asByteBuffer());
    this.own = message(rank);
    this.leaving = message(size);
    this.receives = new Object[size];
    this.arrived = new boolean[size];
    for (int other = 0; other < size; other++) {
      if (other != rank) {
        receives[other] = MpiBindings.recvInit(comm, message(other), MESSAGE_BYTES, other, TAG);
        MpiBindings.start(receives[other]);
      }
    }
  }

  private ByteBuffer message(int slot) {
    return memory.asSlice((long) slot * MESSAGE_BYTES, MESSAGE_BYTES).asByteBuffer();
  }

  /** Where a rank's payload begins in {@link #memory}. */
  static long payload(int rank) {
    return (long) rank * MESSAGE_BYTES + CollectiveCall.BYTES;
  }

  MemorySegment memory() {
    return memory;
  }

  /** Sends this rank's message, the payload of which is in its place, to all others. */
  void send(CollectiveCall call, long sequence, int payloadBytes) {
    call.write(buffer, rank * MESSAGE_BYTES, sequence);
    for (int step = 1; step < size; step++) {
      MpiBindings.send(comm, own, CollectiveCall.BYTES + payloadBytes, (rank + step) % size, TAG);
    }
    numMissing = size - 1;
  }

  /** Whether the messages of all ranks have come; looks for them. */
  boolean haveArrived() {
    for (int step = 1; step < size; step++) {
      int other = rank >= step ? rank - step : rank - step + size;
      if (!arrived[other] && MpiBindings.test(receives[other])) {
        arrived[other] = true;
        if (!hasLeft(other)) {
          numMissing--;
        }
      }
    }
    return numMissing == 0;
  }

  /** A rank whose message says that it has left, or -1. */
  int leftRank() {
    for (int other = 0; other < size; other++) {
      if (arrived[other] && hasLeft(other)) {
        return other;
      }
    }
    return -1;
  }

  private boolean hasLeft(int other) {
    return buffer.getInt(other * MESSAGE_BYTES + CollectiveCall.WHAT) == CollectiveCall.NO_CALL;
  }

  /** Why it has left. */
  String reason(int leftRank) {
    byte[] text = new byte[(int) buffer.getLong(leftRank * MESSAGE_BYTES + REASON_BYTES)];
    buffer.getBytes(leftRank * MESSAGE_BYTES + CollectiveCall.BYTES, text);
    return new String(text, StandardCharsets.UTF_8);
  }

  /** The first rank that called something else than rank 0, or -1. */
  int firstThatDiffers() {
    for (int other = 1; other < size; other++) {
      if (!CollectiveCall.same(buffer, 0, other * MESSAGE_BYTES)) {
        return other;
      }
    }
    return -1;
  }

  CollectiveCall call(int other) {
    return CollectiveCall.read(buffer, other * MESSAGE_BYTES);
  }

  /** Makes place for the next messages. */
  void consumed() {
    for (int other = 0; other < size; other++) {
      if (arrived[other]) {
        arrived[other] = false;
        MpiBindings.start(receives[other]);
      }
    }
  }

  /** Tells all others that no more messages will come; once, from any thread. */
  void leave(String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(text.length, PAYLOAD_BYTES);
    int at = size * MESSAGE_BYTES;
    buffer.putLong(at + REASON_BYTES, length);
    buffer.putInt(at + CollectiveCall.WHAT, CollectiveCall.NO_CALL);
    MemorySegment.copy(text, 0, memory, JAVA_BYTE, payload(size), length);
    for (int step = 1; step < size; step++) {
      try {
        MpiBindings.send(comm, leaving, CollectiveCall.BYTES + length, (rank + step) % size, TAG);
      } catch (MpiException e) {
        // Whoever is gone need not be told.
      }
    }
  }

  /** Gives up what it has of MPI; what still comes is not taken. */
  void release() {
    for (int other = 0; other < size; other++) {
      if (receives[other] != null) {
        if (!arrived[other]) {
          MpiBindings.cancel(receives[other]);
        }
        MpiBindings.free(receives[other]);
      }
    }
  }
}
