package kiln.collectives.nccl;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import kiln.collectives.CollectiveCall;
import kiln.collectives.CollectiveException;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.collectives.MismatchException;
import kiln.collectives.PeerLostException;
import kiln.collectives.Reduction;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * NCCL neither compares what ranks call nor always notices one that is gone: its kernels wait on the device for memory to change.
 * So a thread of each rank meets those of the others again and again, over a communicator of the host's that does notice, and compares
 * hashes of all calls so far. That goes on beside the training, costs it nothing and never makes a device wait.
 *
 * <pre>
 *   round n     least number of calls that a rank has made: m                      one all-reduce of four numbers
 *   round n+1   least and most hash of the first m calls: equal if ranks agree     the same all-reduce
 * </pre>
 */
final class RankWatch {
  /** Between rounds while something is under way on the device; a rank sends a message to every other one in each. */
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(40);

  private static final long PAUSE_NANOS_PER_RANK = TimeUnit.MILLISECONDS.toNanos(1);

  /** How much longer it pauses while nothing is. */
  private static final int IDLE = 4;

  /** What a lost rank had done its part of ends on this one within that time. */
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** How long it may take to learn which rank is lost after NCCL has noticed that one is. */
  private static final long NAME_NANOS = TimeUnit.SECONDS.toNanos(2);

  // The numbers of a round.
  private static final int CALLS = 0; // negative, because the most is taken
  private static final int HASH = 1;
  private static final int INVERSE = 2;
  private static final int UNKNOWN = 3;
  private static final int NUMBERS = 4;

  private final DeviceCommunicator owner;
  private final Communicator ranks;
  private final CallLog calls;
  private final Thread thread;
  private long least; // calls that all ranks have made
  private long agreed; // calls that were the same on all ranks
  private long troubleSince;
  private volatile boolean closing;

  /**
   * @param ranks of this object's own
   */
  RankWatch(DeviceCommunicator owner, Communicator ranks, CallLog calls) {
    this.owner = owner;
    this.ranks = ranks;
    this.calls = calls;
    this.thread = Thread.ofPlatform().daemon().name("collectives-watch-" + ranks.rank()).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** There is a failure, or something under way. */
  void wake() {
    LockSupport.unpark(thread);
  }

  /** Tells the other ranks' watches. */
  void abort(String reason) {
    ranks.abort(reason);
    wake();
  }

  private void run() {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment numbers = arena.allocate(JAVA_LONG, NUMBERS);
      while (!closing && owner.failure() == null) {
        look(numbers);
        if (!closing && owner.failure() == null) {
          long pause = PAUSE_NANOS + ranks.size() * PAUSE_NANOS_PER_RANK;
          LockSupport.parkNanos(owner.isBusy() ? pause : IDLE * pause);
        }
      }
    }
    Failure failure = owner.failure();
    if (failure != null) {
      long end = System.nanoTime() + GRACE_NANOS;
      while (failure.kind() == Failure.Kind.LOST && owner.isBusy() && System.nanoTime() - end < 0) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
      }
      owner.giveUp(failure);
    }
  }

  private void look(MemorySegment numbers) {
    try {
      checkDevice();
      round(numbers);
    } catch (PeerLostException e) {
      if (!closing) {
        owner.fail(Failure.lost(e));
      }
    } catch (CollectiveException e) {
      if (!closing) {
        owner.fail(Failure.of(Failure.Kind.BROKEN, e));
      }
    } catch (RuntimeException e) {
      owner.fail(Failure.of(Failure.Kind.BROKEN, new CollectiveException("watching the ranks: " + e, e)));
    }
  }

  /** What NCCL reports is mostly that a rank is gone: which, the host's communicator says soon. */
  private void checkDevice() {
    String trouble = owner.deviceTrouble();
    if (trouble == null) {
      troubleSince = 0;
    } else if (troubleSince == 0) {
      troubleSince = System.nanoTime();
    } else if (System.nanoTime() - troubleSince > NAME_NANOS) {
      throw new CollectiveException(trouble);
    }
  }

  private void round(MemorySegment numbers) {
    long compared = least;
    boolean mine = calls.knows(compared);
    numbers.setAtIndex(JAVA_LONG, CALLS, -calls.issued());
    compare(numbers, compared, mine);
    least = -numbers.getAtIndex(JAVA_LONG, CALLS);
    if (numbers.getAtIndex(JAVA_LONG, UNKNOWN) == 0) {
      if (!isSame(numbers)) {
        findDifference(numbers, compared);
      }
      agreed = compared;
    }
  }

  private void compare(MemorySegment numbers, long numCalls, boolean known) {
    long hash = known ? calls.hash(numCalls) : 0;
    numbers.setAtIndex(JAVA_LONG, HASH, hash);
    numbers.setAtIndex(JAVA_LONG, INVERSE, ~hash);
    numbers.setAtIndex(JAVA_LONG, UNKNOWN, known ? 0 : 1);
    ranks.allReduce(numbers, ElementType.I64, Reduction.MAX);
  }

  private static boolean isSame(MemorySegment numbers) {
    return numbers.getAtIndex(JAVA_LONG, HASH) == ~numbers.getAtIndex(JAVA_LONG, INVERSE);
  }

  /** All ranks do this, because all have seen the same numbers: finds the first call that was not the same, and fails. */
  private void findDifference(MemorySegment numbers, long differing) {
    long same = agreed;
    long other = differing;
    while (other - same > 1) {
      long middle = same + (other - same) / 2;
      compare(numbers, middle, calls.knows(middle));
      if (numbers.getAtIndex(JAVA_LONG, UNKNOWN) == 0 && !isSame(numbers)) {
        other = middle;
      } else {
        same = middle;
      }
    }
    owner.fail(Failure.of(Failure.Kind.MISMATCH, nameDifference(other - 1)));
    ranks.barrier(); // all know before one of them gives up, for which the others would be told another reason
  }

  private MismatchException nameDifference(long call) {
    try (Arena arena = Arena.ofShared()) {
      int size = ranks.size();
      MemorySegment all = arena.allocate(JAVA_LONG, 2L * size);
      MemorySegment mine = all.asSlice(2L * Long.BYTES * ranks.rank(), CollectiveCall.BYTES);
      mine.setAtIndex(JAVA_LONG, 0, calls.word(call, 0));
      mine.setAtIndex(JAVA_LONG, 1, calls.word(call, 1));
      ranks.allGather(mine, all, 2L * size, ElementType.I64);
      int other = 1;
      while (other < size - 1 && word(all, other, 0) == word(all, 0, 0) && word(all, other, 1) == word(all, 0, 1)) {
        other++;
      }
      return new MismatchException(0, text(all, 0), other, text(all, other), call);
    }
  }

  private static long word(MemorySegment all, int rank, int half) {
    return all.getAtIndex(JAVA_LONG, 2L * rank + half);
  }

  private static String text(MemorySegment all, int rank) {
    MemorySegment call = all.asSlice((long) CollectiveCall.BYTES * rank, CollectiveCall.BYTES);
    return CollectiveCall.read(new UnsafeBuffer(call.asByteBuffer()), 0).toString();
  }

  /** Ends the thread. */
  void close() {
    closing = true;
    ranks.close();
    wake();
    try {
      thread.join(GRACE_NANOS / TimeUnit.MILLISECONDS.toNanos(1) + TimeUnit.SECONDS.toMillis(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
