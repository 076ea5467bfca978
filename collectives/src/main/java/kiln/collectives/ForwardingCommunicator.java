package kiln.collectives;

/** A communicator that does something more for another one, whose ranks are its own. */
public abstract class ForwardingCommunicator implements Communicator {
  protected final Communicator inner;

  /**
   * @param inner of this object's own: nobody else uses it, and it is closed with this
   */
  protected ForwardingCommunicator(Communicator inner) {
    this.inner = inner;
  }

  @Override
  public final int rank() {
    return inner.rank();
  }

  @Override
  public final int size() {
    return inner.size();
  }

  @Override
  public void check() {
    inner.check();
  }

  @Override
  public void abort(String reason) {
    inner.abort(reason);
  }

  @Override
  public void close() {
    inner.close();
  }
}
