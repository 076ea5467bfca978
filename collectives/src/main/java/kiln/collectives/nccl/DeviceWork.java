package kiln.collectives.nccl;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import kiln.bindings.NativeException;
import kiln.bindings.cuda.CudaEvent;
import kiln.bindings.cuda.CudaStream;
import kiln.bindings.cuda.DeviceQueue;

/**
 * The stream of a communicator's operations on a device, in order with the stream where the rank computes:
 *
 * <pre>
 *   computing      … backward of a bucket ──ready      backward of the next …     waits for end ── update …
 *                                            \                                    /
 *   collectives                               waits ──begin── operation ──end ───
 * </pre>
 */
final class DeviceWork implements AutoCloseable {
  private final DeviceQueue queue;
  private final CudaStream stream;
  private final CudaEvent origin = CudaEvent.forTime(); // when the stream was last found idle, at originNanos

  // Guarded by this.
  private final ArrayDeque<DevicePending> inFlight = new ArrayDeque<>();
  private final ArrayDeque<Events> unused = new ArrayDeque<>();
  private final List<Events> all = new ArrayList<>();
  private long originNanos;
  private boolean closed;
  private NativeException broken; // what the device has failed with; null if it has not

  /** Of one operation; used again by later ones. */
  record Events(CudaEvent ready, CudaEvent begin, CudaEvent end, CudaEvent reached) {
    static Events create() {
      return new Events(CudaEvent.forOrder(), CudaEvent.forTime(), CudaEvent.forTime(), CudaEvent.forTime());
    }

    void close() {
      ready.close();
      begin.close();
      end.close();
      reached.close();
    }
  }

  DeviceWork(DeviceQueue queue) {
    this.queue = queue;
    queue.context().makeCurrent();
    this.stream = new CudaStream(queue.context().highestPriority());
  }

  CudaStream stream() {
    return stream;
  }

  /**
   * Queues what an operation has to wait for: what has been launched so far, or, if there is one, an earlier operation alone.
   *
   * @param earlier of any communicator of this device; null for what has been launched
   */
  synchronized void begin(DevicePending pending, DevicePending earlier) {
    queue.context().makeCurrent();
    poll();
    if (inFlight.isEmpty()) {
      origin.record(stream);
      originNanos = System.nanoTime();
    }
    Events events = unused.isEmpty() ? create() : unused.pop();
    if (earlier == null) {
      events.ready.record(queue.stream());
      stream.waitFor(events.ready);
    } else {
      earlier.orderBefore(stream);
    }
    events.begin.record(stream);
    pending.events = events;
    inFlight.add(pending);
  }

  private Events create() {
    Events made = Events.create();
    all.add(made);
    return made;
  }

  /** The operation itself is queued. */
  synchronized void end(DevicePending pending) {
    if (pending.events != null) {
      pending.events.end.record(stream);
      pending.isQueued = true;
    }
  }

  /** Lets what is launched from now on wait for an operation. */
  synchronized void orderBefore(DevicePending pending, CudaStream other) {
    pending.isAwaited = true;
    if (pending.isQueued && pending.events != null) {
      queue.context().makeCurrent();
      other.waitFor(pending.events.end);
    }
  }

  synchronized void orderBeforeComputing(DevicePending pending) {
    if (!pending.isReached && pending.isQueued && pending.events != null) {
      queue.context().makeCurrent();
      pending.events.reached.record(queue.stream());
      pending.isReached = true;
    }
    orderBefore(pending, queue.stream());
  }

  /** Takes note of operations that have ended; whether none is under way now. */
  synchronized boolean poll() {
    if (closed || inFlight.isEmpty()) {
      return true;
    }
    try {
      queue.context().makeCurrent();
      for (DevicePending first = inFlight.peek(); first != null && hasEnded(first); first = inFlight.peek()) {
        double begun = first.events.begin.millisecondsSince(origin);
        double took = first.events.end.millisecondsSince(first.events.begin);
        first.ended(originNanos + nanos(begun), Math.max(1, nanos(took)), nanos(stoodStill(first, begun + took)));
        retire();
      }
    } catch (NativeException e) {
      broken = broken == null ? e : broken;
    }
    return inFlight.isEmpty();
  }

  /** From when the stream that computes came to wait for it, if it did before it had ended. */
  private double stoodStill(DevicePending pending, double end) {
    if (!pending.isReached || !pending.events.reached.isDone()) {
      return 0;
    }
    return Math.max(0, end - pending.events.reached.millisecondsSince(origin));
  }

  private static boolean hasEnded(DevicePending pending) {
    return pending.isQueued && pending.events.end.isDone();
  }

  /** What the device has failed with, after which nothing ends any more; null if it has not. */
  synchronized NativeException broken() {
    return broken;
  }

  private static long nanos(double milliseconds) {
    return (long) (milliseconds * TimeUnit.MILLISECONDS.toNanos(1));
  }

  private void retire() {
    DevicePending first = inFlight.remove();
    unused.push(first.events);
    first.events = null;
  }

  /** Whether an operation is under way that somebody has waited for, and relies on. */
  synchronized boolean isAwaited() {
    return !poll() && inFlight.stream().anyMatch(pending -> pending.isAwaited);
  }

  /** The operation that was issued last and is under way; null if there is none. */
  synchronized DevicePending newest() {
    return poll() ? null : inFlight.peekLast();
  }

  /** What has not ended never will; what is still queued runs into the void. */
  synchronized void fail(Failure failure) {
    for (DevicePending pending : inFlight) {
      pending.failed(failure);
      pending.events = null; // maybe in use: not for another operation
    }
    inFlight.clear();
  }

  /** After the operations have ended or failed, and the library has let go of the stream. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      queue.context().makeCurrent();
      if (broken == null) {
        stream.synchronize();
      }
      all.forEach(Events::close);
      origin.close();
      stream.close();
    }
  }
}
