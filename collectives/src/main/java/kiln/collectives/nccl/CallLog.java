package kiln.collectives.nccl;

import java.nio.ByteBuffer;
import kiln.collectives.CollectiveCall;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What this rank has called: the newest calls, and for each of them a hash of all calls up to it, so that ranks compare everything
 * that they have called by one number.
 */
final class CallLog {
  /** How many calls one rank may be ahead of another and still be compared with it. */
  static final int KEPT = 4096;

  private static final long ODD = 0x9e3779b97f4a7c15L;

  // Guarded by this.
  private final UnsafeBuffer calls = new UnsafeBuffer(ByteBuffer.allocateDirect(KEPT * CollectiveCall.BYTES));
  private final long[] hashes = new long[KEPT]; // after n calls, at n modulo KEPT
  private long issued;

  /** Adds a call; returns how many came before it. */
  synchronized long add(CollectiveCall call) {
    int at = offset(issued);
    call.write(calls, at, issued);
    long hash = mix(mix(hashes[(int) (issued % KEPT)] ^ calls.getLong(at)) ^ calls.getLong(at + Long.BYTES));
    issued++;
    hashes[(int) (issued % KEPT)] = hash;
    return issued - 1;
  }

  /** Half of the calls that differ in one bit differ in any bit of this. */
  private static long mix(long value) {
    long mixed = (value ^ value >>> 32) * ODD;
    return (mixed ^ mixed >>> 29) * ODD;
  }

  private static int offset(long call) {
    return (int) (call % KEPT) * CollectiveCall.BYTES;
  }

  synchronized long issued() {
    return issued;
  }

  /** Whether {@link #hash} and the call before it are still known. */
  synchronized boolean knows(long numCalls) {
    return numCalls <= issued && issued - numCalls < KEPT - 1;
  }

  /** Of the first so many calls. */
  synchronized long hash(long numCalls) {
    return hashes[(int) (numCalls % KEPT)];
  }

  /** Half of a call, 0 or 1, as {@link CollectiveCall} lays it out. */
  synchronized long word(long call, int half) {
    return calls.getLong(offset(call) + half * Long.BYTES);
  }
}
