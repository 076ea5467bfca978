package kiln.collectives.staged;

import kiln.bindings.cuda.CudaEvent;
import kiln.bindings.cuda.CudaStream;
import kiln.bindings.cuda.DeviceQueue;
import kiln.collectives.Pending;

/** An operation that is staged. When it has been awaited, what is launched next finds its results. */
final class StagedPending implements Pending {
  private final DeviceQueue queue;
  private final EventPool events;
  private final CudaEvent ready; // the device has computed what this rank gives
  private final CudaEvent end; // what this rank gets is there
  private Pending copying; // the operation in the background
  private boolean isAwaited;

  StagedPending(DeviceQueue queue, EventPool events) {
    this.queue = queue;
    this.events = events;
    this.ready = events.take();
    this.end = events.take();
    ready.record(queue.stream());
  }

  void startedAs(Pending background) {
    copying = background;
  }

  void orderBefore(CudaStream stream) {
    stream.waitFor(ready);
  }

  void recordEnd(CudaStream stream) {
    end.record(stream);
  }

  @Override
  public void await() {
    copying.await();
    finish();
  }

  /** The last copies are queued. */
  void finish() {
    if (!isAwaited) {
      isAwaited = true;
      queue.context().makeCurrent();
      queue.stream().waitFor(end);
      events.giveBack(ready);
      events.giveBack(end);
    }
  }

  @Override
  public boolean isDone() {
    return copying.isDone();
  }

  @Override
  public long nanos() {
    return copying.nanos();
  }

  @Override
  public long started() {
    return copying.started();
  }
}
