package kiln.collectives.hierarchical;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import kiln.collectives.Collective;
import kiln.collectives.CollectiveCall;
import kiln.collectives.CollectiveException;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.collectives.MismatchException;
import kiln.collectives.PeerLostException;
import kiln.collectives.Reduction;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What keeps ranks together that take part in different communicators of one operation: before it, all make sure that they mean
 * the same one; when it fails, all learn why, and which rank is the cause.
 *
 * <pre>
 *   check:   int64  | h(call) | ~h(call) |          all the same if the largest of both are each other's complement
 *   explain: bytes  | CollectiveCall (16) | lost rank (8) | length (8) | reason (224) |      per rank
 * </pre>
 */
final class Agreement implements AutoCloseable {
  /** Of the abort that frees ranks that wait for one that has failed; it is no cause. */
  static final String GAVE_WAY = "another part of the operation failed";

  private static final int LOST_OFFSET = CollectiveCall.BYTES;
  private static final int LENGTH_OFFSET = LOST_OFFSET + Long.BYTES;
  private static final int REASON_OFFSET = LENGTH_OFFSET + Long.BYTES;
  private static final int REPORT_BYTES = 256;
  private static final int REASON_CAPACITY = REPORT_BYTES - REASON_OFFSET;

  private static final long FAILED = 0;

  private final Communicator world;
  private final Communicator failures;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment hashes = arena.allocate(JAVA_LONG, 2);

  /**
   * @param world all ranks
   * @param failures all ranks once more, used by nothing else
   */
  Agreement(Communicator world, Communicator failures) {
    this.world = world;
    this.failures = failures;
  }

  /**
   * Collective.
   *
   * @return whether all ranks are about to do the same
   */
  boolean check(Collective collective) {
    return compare(hash(CollectiveCall.of(collective)));
  }

  /**
   * Collective over all ranks, each with whatever operation it is in or comes to next: brings this rank to where the others wait
   * for it, and finds out with them what went wrong.
   *
   * @param lost the rank that this one knows to be lost, or -1
   * @param reason what became of it
   * @param inWorld whether the other ranks know already, because an operation of all of them failed
   */
  CollectiveException explain(Collective collective, long sequence, int lost, String reason, boolean inWorld) {
    if (!inWorld) {
      try {
        compare(FAILED);
      } catch (CollectiveException e) {
        // It has failed for the others too, or because of their cause.
      }
    }
    CollectiveCall mine = CollectiveCall.of(collective);
    try (Arena call = Arena.ofShared()) {
      MemorySegment reports = call.allocate((long) REPORT_BYTES * world.size(), Long.BYTES);
      UnsafeBuffer buffer = new UnsafeBuffer(reports.asByteBuffer());
      write(buffer, world.rank() * REPORT_BYTES, mine, sequence, lost, reason);
      MemorySegment own = reports.asSlice((long) world.rank() * REPORT_BYTES, REPORT_BYTES);
      failures.allGather(own, reports, reports.byteSize() / Long.BYTES, ElementType.I64);
      for (int rank = 0; rank < world.size(); rank++) {
        int at = rank * REPORT_BYTES;
        int lostRank = (int) buffer.getLong(at + LOST_OFFSET);
        if (lostRank >= 0) {
          byte[] text = new byte[(int) buffer.getLong(at + LENGTH_OFFSET)];
          buffer.getBytes(at + REASON_OFFSET, text);
          return new PeerLostException(
              lostRank, new String(text, StandardCharsets.UTF_8), collective.name(), sequence, collective.bytes());
        }
      }
      for (int rank = 1; rank < world.size(); rank++) {
        if (!CollectiveCall.same(buffer, 0, rank * REPORT_BYTES)) {
          String first = CollectiveCall.read(buffer, 0).toString();
          String other = CollectiveCall.read(buffer, rank * REPORT_BYTES).toString();
          return new MismatchException(0, first, rank, other, sequence);
        }
      }
      return new CollectiveException(mine + " failed, sequence=" + sequence + ": " + reason);
    } catch (PeerLostException e) {
      return new PeerLostException(e.rank(), e.reason(), collective.name(), sequence, collective.bytes());
    }
  }

  private boolean compare(long hash) {
    hashes.setAtIndex(JAVA_LONG, 0, hash);
    hashes.setAtIndex(JAVA_LONG, 1, ~hash);
    world.allReduce(hashes, ElementType.I64, Reduction.MAX);
    return hashes.getAtIndex(JAVA_LONG, 0) == ~hashes.getAtIndex(JAVA_LONG, 1) && hash != FAILED;
  }

  private static long hash(CollectiveCall call) {
    long hash = 1 + call.operation() + 8L * call.type().ordinal() + 64L * (call.reduction() + 1);
    hash = hash * 0x9e3779b97f4a7c15L + call.root() + 1;
    hash = (hash ^ hash >>> 32) * 0xd6e8feb86659fd93L + call.count();
    return hash == FAILED ? 1 : hash;
  }

  private static void write(UnsafeBuffer buffer, int at, CollectiveCall call, long sequence, int lost, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(text.length, REASON_CAPACITY);
    call.write(buffer, at, sequence);
    buffer.putLong(at + LOST_OFFSET, lost);
    buffer.putLong(at + LENGTH_OFFSET, length);
    buffer.putBytes(at + REASON_OFFSET, text, 0, length);
  }

  @Override
  public void close() {
    arena.close();
  }
}
