package kiln.collectives.nccl;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import kiln.bindings.NativeException;
import kiln.bindings.cuda.CudaLibraries;
import kiln.bindings.cuda.CudaLibrary;
import kiln.bindings.cuda.DeviceQueue;
import kiln.bindings.cuda.NcclCommunicator;
import kiln.bindings.cuda.NcclId;
import kiln.collectives.Collective;
import kiln.collectives.CollectiveCall;
import kiln.collectives.CollectiveException;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.collectives.HostMemory;
import kiln.collectives.MismatchException;
import kiln.collectives.PeerLostException;
import kiln.collectives.Pending;
import kiln.collectives.staged.StagedCommunicator;

/**
 * Ranks with a GPU each: what is in its memory goes over NCCL, what is in the host's over the communicator that the ranks have
 * anyway, as do the few operations on a device's memory that NCCL does otherwise than {@link kiln.collectives.Reduction} says.
 *
 * <p>Those by NCCL run one after the other, in a stream of their own, and so do those of the host; one kind does not wait for the
 * other, but for {@link #barrier} and {@link #split}, which wait for all. Sums are added in NCCL's order, numbers of an average are
 * multiplied by 1 / ranks before, and in bfloat16 it rounds more than once. {@link #start} returns at once except at first, when NCCL
 * still connects ranks.
 *
 * <p>A rank that is gone or calls something else is noticed by a {@link RankWatch}; then NCCL's kernels are ended, so that no host
 * waits for a device in vain, and everything fails.
 */
public final class DeviceCommunicator implements Communicator {
  /** For what has been awaited to end, and for NCCL to let go, when this is closed. */
  private static final long TO_LEAVE_MILLIS = 5000;

  /** For the watch to find out how ranks disagree. */
  private static final long TO_NAME_MILLIS = 2000;

  private static final Duration FOREVER = Duration.ofDays(1000);
  private static final long LOOK_NANOS = 200_000;

  private final Communicator host;
  private final DeviceQueue queue;
  private final NcclCommunicator nccl;
  private final DeviceWork work;
  private final NcclOperations operations;
  private final CallLog calls = new CallLog();
  private final RankWatch watch;
  private final Object lifecycle = new Object();
  private volatile Failure failure;
  private boolean closed; // guarded by lifecycle

  private DeviceCommunicator(Communicator host, DeviceQueue queue, NcclCommunicator nccl) {
    this.host = host;
    this.queue = queue;
    this.nccl = nccl;
    nccl.setPatience(FOREVER); // in its first operations it connects ranks; the watch knows whether they will come
    this.work = new DeviceWork(queue);
    this.operations = new NcclOperations(nccl, work.stream());
    this.watch = new RankWatch(this, host.split(0), calls);
    watch.start();
  }

  /**
   * Collective.
   *
   * @param queue of this rank's device, which no other rank may have
   * @param world the same ranks, over a transport of the host's memory; closed with this
   * @param patience for ranks that do not join
   * @throws kiln.bindings.UserException if there is no NCCL
   * @throws NativeException if NCCL does not join the ranks
   */
  public static DeviceCommunicator join(DeviceQueue queue, Communicator world, Duration patience) {
    CudaLibraries.require(CudaLibrary.NCCL);
    queue.context().makeCurrent();
    NcclCommunicator nccl = NcclCommunicator.join(agree(world), world.rank(), world.size(), patience);
    return new DeviceCommunicator(new StagedCommunicator(world, queue), queue, nccl);
  }

  /** By what NCCL's ranks find each other: rank 0 listens. */
  private static NcclId agree(Communicator world) {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment id = arena.allocate(NcclId.BYTES, Integer.BYTES);
      if (world.rank() == 0) {
        MemorySegment.copy(NcclId.create().bytes(), 0, id, JAVA_BYTE, 0, NcclId.BYTES);
      }
      world.broadcast(id, NcclId.BYTES / Integer.BYTES, ElementType.I32, 0);
      return new NcclId(id.toArray(JAVA_BYTE));
    }
  }

  @Override
  public int rank() {
    return host.rank();
  }

  @Override
  public int size() {
    return host.size();
  }

  @Override
  public Pending start(Collective collective) {
    return start(collective, null);
  }

  /** What follows on another operation of NCCL's waits for that on the device, and for nothing else. */
  @Override
  public Pending startAfter(Pending earlier, Collective collective) {
    if (earlier instanceof DevicePending device && isByNccl(collective)) {
      return start(collective, device);
    }
    earlier.await();
    return start(collective);
  }

  private static boolean isByNccl(Collective collective) {
    return collective.isOnDevice() && NcclOperations.does(collective);
  }

  private Pending start(Collective collective, DevicePending earlier) {
    HostMemory.checkSizes(collective, rank(), size());
    boolean byNccl = isByNccl(collective);
    long sequence = calls.add(CollectiveCall.of(collective));
    Failure known = failure;
    if (known != null) {
      return new DevicePending(work, collective.name(), sequence, collective.bytes()).failed(known);
    }
    if (!byNccl) {
      DevicePending before = collective instanceof Collective.Barrier ? work.newest() : null;
      return new HostPending(this, host.start(collective), before, collective.name(), sequence, collective.bytes());
    }
    DevicePending pending = new DevicePending(work, collective.name(), sequence, collective.bytes());
    try {
      work.begin(pending, earlier);
      operations.queue(collective);
      work.end(pending);
    } catch (NativeException | IllegalStateException e) { // IllegalStateException: NCCL was aborted meanwhile
      Failure broken =
          Failure.of(Failure.Kind.BROKEN, new CollectiveException(collective.name() + ": " + e.getMessage(), e));
      fail(broken);
      work.fail(broken);
      pending.failed(failure == null ? broken : failure);
    }
    watch.wake();
    return pending;
  }

  @Override
  public void run(Collective collective) {
    if (failure != null || collective instanceof Collective.Barrier || isByNccl(collective)) {
      start(collective).await();
      return;
    }
    HostMemory.checkSizes(collective, rank(), size());
    long sequence = calls.add(CollectiveCall.of(collective));
    try {
      host.run(collective);
    } catch (CollectiveException e) {
      throw explain(e, collective.name(), sequence, collective.bytes());
    }
  }

  /** Why an operation of the host's has failed; the communicator fails with it. */
  CollectiveException explain(CollectiveException e, String operation, long sequence, long bytes) {
    if (isClosed()) {
      return e;
    }
    switch (e) {
      case MismatchException mismatch -> {
        awaitFailure(); // the watch's, which counts the calls of both kinds
        fail(Failure.of(Failure.Kind.MISMATCH, mismatch));
      }
      case PeerLostException lost -> fail(Failure.lost(lost));
      default -> fail(Failure.of(Failure.Kind.BROKEN, e));
    }
    return failure.during(operation, sequence, bytes);
  }

  private void awaitFailure() {
    watch.wake();
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TO_NAME_MILLIS);
    while (failure == null && System.nanoTime() - deadline < 0) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  @Override
  public void check() {
    work.poll();
    Failure known = failure;
    if (known != null) {
      throw known.during("check", calls.issued(), 0);
    }
  }

  @Override
  public DeviceCommunicator split(int color) {
    barrier(); // NCCL splits what nothing runs on
    int group = 0; // NCCL's colors are not negative
    try (Arena arena = Arena.ofShared()) {
      MemorySegment colors = arena.allocate(JAVA_INT, size());
      colors.setAtIndex(JAVA_INT, rank(), color);
      allGather(colors.asSlice((long) rank() * Integer.BYTES, Integer.BYTES), colors, size(), ElementType.I32);
      while (colors.getAtIndex(JAVA_INT, group) != color) {
        group++;
      }
    }
    Communicator part = host.split(color);
    try {
      queue.context().makeCurrent();
      return new DeviceCommunicator(part, queue, nccl.split(group, rank()));
    } catch (NativeException | IllegalStateException e) {
      part.close();
      fail(Failure.of(Failure.Kind.BROKEN, new CollectiveException("split: " + e.getMessage(), e)));
      throw failure.during("split", calls.issued(), 0);
    }
  }

  Failure failure() {
    return failure;
  }

  /** The first failure counts. */
  void fail(Failure why) {
    synchronized (lifecycle) {
      if (closed || failure != null) {
        return;
      }
      failure = why;
    }
    if (why.isOwn()) {
      host.abort(why.reason());
      watch.abort(why.reason());
    }
    watch.wake();
  }

  /** Fails what is under way, and ends it on the device. Called by the watch, once. */
  void giveUp(Failure why) {
    work.fail(why);
    if (why.kind() == Failure.Kind.MISMATCH) {
      host.abort(why.reason()); // what this rank itself waits for there
    }
    try {
      nccl.abort();
    } catch (NativeException e) {
      return; // it has failed in some other way before, and that is known
    }
  }

  /** Whether operations are under way on the device. */
  boolean isBusy() {
    return !work.poll();
  }

  /** What NCCL or the device has failed with; null if nothing is known. */
  String deviceTrouble() {
    NativeException broken = work.broken();
    try {
      return broken != null ? broken.getMessage() : nccl.asyncError().map(text -> "nccl: " + text).orElse(null);
    } catch (IllegalStateException e) {
      return null; // closed
    }
  }

  private boolean isClosed() {
    synchronized (lifecycle) {
      return closed;
    }
  }

  @Override
  public void abort(String reason) {
    fail(Failure.aborted(rank(), reason));
  }

  /** What has been awaited still ends, if that does not take long. */
  @Override
  public void close() {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TO_LEAVE_MILLIS);
    while (failure == null && work.isAwaited() && System.nanoTime() - deadline < 0) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
    synchronized (lifecycle) {
      if (closed) {
        return;
      }
      closed = true;
    }
    watch.close();
    host.close();
    if (leaveNccl()) {
      work.close();
    }
  }

  /** NCCL may wait for other ranks of this machine to leave too: not for long, and not here. Whether it has let go of the stream. */
  private boolean leaveNccl() {
    boolean wasSound = failure == null && !isBusy();
    work.fail(Failure.of(Failure.Kind.BROKEN, new CollectiveException("the communicator was closed")));
    Thread leaving = Thread.ofPlatform().daemon().name("nccl-leave-" + rank()).unstarted(() -> leave(wasSound));
    leaving.start();
    try {
      leaving.join(TO_LEAVE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return !leaving.isAlive();
  }

  private void leave(boolean wasSound) {
    try {
      queue.context().makeCurrent();
      if (wasSound) {
        nccl.close();
      } else {
        nccl.abort();
      }
    } catch (NativeException e) {
      return; // other ranks were gone before: there is nobody left to tell
    }
  }
}
