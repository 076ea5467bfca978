package kiln.collectives.staged;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;
import kiln.bindings.cuda.DeviceMemory;
import kiln.bindings.cuda.DeviceQueue;
import kiln.collectives.Collective;
import kiln.collectives.CollectiveException;
import kiln.collectives.Communicator;
import kiln.collectives.ForwardingCommunicator;
import kiln.collectives.HostMemory;
import kiln.collectives.Pending;
import kiln.collectives.ProgressThread;

/**
 * A device's memory over a transport of the host's: copied there through pinned memory, chunk by chunk, so that copies and network
 * work at the same time, and back. Several ranks may use one device. What is in the host's memory passes as it is; all operations run
 * in the order in which they were issued.
 *
 * <p>With one rank nothing is copied but on the device. {@link Pending#await} returns when the last copy to the device is queued, and what is launched from then on waits for it. To the
 * inner communicator an operation of more than 8 MiB is several: a rank that calls another number of elements is told the number of a
 * chunk.
 */
public final class StagedCommunicator extends ForwardingCommunicator {
  private final DeviceQueue queue;
  private final EventPool events = new EventPool();
  private final Staging staging;
  private final ProgressThread progress;
  private final ConcurrentLinkedQueue<StagedPending> issued = new ConcurrentLinkedQueue<>(); // of a device, not begun
  private final Object lifecycle = new Object();
  private boolean closed; // guarded by lifecycle

  /**
   * @param inner of this object's own: nobody else uses it, and it is closed with this
   * @param queue of this rank's device
   */
  public StagedCommunicator(Communicator inner, DeviceQueue queue) {
    super(inner);
    this.queue = queue;
    this.staging = new Staging(inner, queue);
    this.progress = new ProgressThread("staged-collectives-" + inner.rank(), this::execute);
  }

  @Override
  public Pending start(Collective collective) {
    HostMemory.checkSizes(collective, rank(), size());
    if (!collective.isOnDevice()) {
      return progress.start(collective);
    }
    if (size() == 1) {
      copyAlone(collective);
      return progress.start(new Collective.Barrier());
    }
    StagedPending pending = issue();
    pending.startedAs(progress.start(collective));
    return pending;
  }

  @Override
  public void run(Collective collective) {
    HostMemory.checkSizes(collective, rank(), size());
    if (!collective.isOnDevice()) {
      progress.run(collective);
      return;
    }
    if (size() == 1) {
      copyAlone(collective);
      progress.run(new Collective.Barrier());
      return;
    }
    StagedPending pending = issue();
    progress.run(collective);
    pending.finish();
  }

  /** One rank's reduction is what it gives: nothing leaves the device. */
  private void copyAlone(Collective collective) {
    switch (collective) {
      case Collective.AllReduce c -> copyAlone(c.input(), c.output(), c.bytes());
      case Collective.ReduceScatter c -> copyAlone(c.input(), c.output(), c.bytes());
      case Collective.AllGather c -> copyAlone(c.input(), c.output(), c.bytes());
      case Collective.Broadcast _, Collective.Barrier _ -> {}
    }
  }

  private void copyAlone(MemorySegment from, MemorySegment to, long bytes) {
    if (bytes > 0 && from.address() != to.address()) {
      queue.context().makeCurrent();
      queue.stream().copy(DeviceMemory.of(from).slice(0, bytes), DeviceMemory.of(to).slice(0, bytes));
    }
  }

  private StagedPending issue() {
    queue.context().makeCurrent();
    StagedPending pending = new StagedPending(queue, events);
    issued.add(pending);
    return pending;
  }

  private void execute(Collective collective) {
    if (!collective.isOnDevice()) {
      inner.run(collective);
      return;
    }
    try {
      staging.execute(collective, issued.remove());
    } catch (CollectiveException e) {
      throw e;
    } catch (RuntimeException e) {
      inner.abort(e.toString()); // the others would wait for this rank
      throw new CollectiveException(collective.name() + ": " + e.getMessage(), e);
    }
  }

  /** Staged too. */
  @Override
  public StagedCommunicator split(int color) {
    progress.run(new Collective.Barrier()); // the inner communicator is the other thread's until all before has ended
    return new StagedCommunicator(inner.split(color), queue);
  }

  @Override
  public void close() {
    synchronized (lifecycle) {
      if (closed) {
        return;
      }
      closed = true;
    }
    inner.close(); // first: what is under way fails there, and so ends here
    progress.close();
    queue.context().makeCurrent();
    staging.close();
    events.close();
  }
}
