package kiln.collectives.nccl;

import kiln.collectives.CollectiveException;
import kiln.collectives.Pending;

/** An operation on the host's memory, which fails as the whole communicator does. */
final class HostPending implements Pending {
  private final DeviceCommunicator owner;
  private final Pending inner;
  private final DevicePending before; // what has to end on the device too; null if nothing has
  private final String operation;
  private final long sequence;
  private final long bytes;

  HostPending(
      DeviceCommunicator owner, Pending inner, DevicePending before, String operation, long sequence, long bytes) {
    this.owner = owner;
    this.inner = inner;
    this.before = before;
    this.operation = operation;
    this.sequence = sequence;
    this.bytes = bytes;
  }

  @Override
  public void await() {
    try {
      inner.await();
    } catch (CollectiveException e) {
      throw owner.explain(e, operation, sequence, bytes);
    }
    if (before != null) {
      before.finish();
    }
  }

  @Override
  public boolean isDone() {
    return inner.isDone() && (before == null || before.isDone());
  }

  @Override
  public long nanos() {
    return inner.nanos();
  }

  @Override
  public long started() {
    return inner.started();
  }
}
