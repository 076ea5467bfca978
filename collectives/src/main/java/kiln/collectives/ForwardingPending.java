package kiln.collectives;

/** An operation that something is done after. Its times are its own, without that. */
public abstract class ForwardingPending implements Pending {
  protected final Pending operation;

  protected ForwardingPending(Pending operation) {
    this.operation = operation;
  }

  @Override
  public boolean isDone() {
    return operation.isDone();
  }

  @Override
  public long nanos() {
    return operation.nanos();
  }

  @Override
  public long stoodStillNanos() {
    return operation.stoodStillNanos();
  }

  @Override
  public long started() {
    return operation.started();
  }
}
