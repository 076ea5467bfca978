package kiln.collectives.nccl;

import java.util.concurrent.locks.LockSupport;
import kiln.bindings.cuda.CudaStream;
import kiln.collectives.CollectiveException;
import kiln.collectives.Pending;

/** An operation on a device. {@link #await} orders what is launched later behind it; it does not make the host wait. */
final class DevicePending implements Pending {
  private static final long LOOK_NANOS = 50_000;

  private final DeviceWork work;
  private final String operation;
  private final long sequence;
  private final long bytes;

  // Guarded by the work.
  DeviceWork.Events events; // null before it is begun and after it has ended
  boolean isQueued;
  boolean isAwaited;
  boolean isReached; // the stream that computes has been told to wait for it

  private volatile boolean done;
  private volatile CollectiveException failure;
  private long started;
  private long nanos;
  private long stoodStill;

  DevicePending(DeviceWork work, String operation, long sequence, long bytes) {
    this.work = work;
    this.operation = operation;
    this.sequence = sequence;
    this.bytes = bytes;
  }

  void ended(long start, long took, long stood) {
    stoodStill = stood;
    started = start;
    nanos = took;
    done = true;
  }

  DevicePending failed(Failure why) {
    failure = why.during(operation, sequence, bytes);
    done = true;
    return this;
  }

  @Override
  public void await() {
    throwFailure();
    if (!done) {
      work.orderBeforeComputing(this);
      throwFailure();
    }
  }

  /** Lets {@code other} go on when this has ended. */
  void orderBefore(CudaStream other) {
    throwFailure();
    if (!done) {
      work.orderBefore(this, other);
      throwFailure();
    }
  }

  /** Returns when it has ended on the device; the communicator's watch sees to it that this is not for ever. */
  void finish() {
    while (!isDone()) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
    throwFailure();
  }

  private void throwFailure() {
    CollectiveException e = failure;
    if (e != null) {
      throw e;
    }
  }

  @Override
  public boolean canBeFollowed() {
    return true;
  }

  @Override
  public boolean isDone() {
    if (!done) {
      work.poll();
    }
    return done;
  }

  @Override
  public long nanos() {
    return isDone() ? nanos : 0;
  }

  @Override
  public long stoodStillNanos() {
    return isDone() ? stoodStill : 0;
  }

  @Override
  public long started() {
    return isDone() ? started : 0;
  }
}
