package kiln.collectives.nccl;

import kiln.collectives.CollectiveException;
import kiln.collectives.ForwardingPending;
import kiln.collectives.Pending;

/** An operation on the host's memory, which fails as the whole communicator does. */
final class HostPending extends ForwardingPending {
  private final DeviceCommunicator owner;
  private final DevicePending before; // what has to end on the device too; null if nothing has
  private final String name;
  private final long sequence;
  private final long bytes;

  HostPending(
      DeviceCommunicator owner, Pending operation, DevicePending before, String name, long sequence, long bytes) {
    super(operation);
    this.owner = owner;
    this.before = before;
    this.name = name;
    this.sequence = sequence;
    this.bytes = bytes;
  }

  @Override
  public void await() {
    try {
      operation.await();
    } catch (CollectiveException e) {
      throw owner.explain(e, name, sequence, bytes);
    }
    if (before != null) {
      before.finish();
    }
  }

  @Override
  public boolean isDone() {
    return operation.isDone() && (before == null || before.isDone());
  }
}
