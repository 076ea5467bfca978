package kiln.collectives;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import kiln.bindings.ThreadScheduling;

/**
 * Runs the collectives of one communicator one after the other, in the order in which they were issued, on a daemon thread of
 * its own; one that is waited for while nothing else is under way runs on the caller's thread, which saves two hand-overs. For
 * transports whose own operation is a blocking call.
 */
public final class ProgressThread implements AutoCloseable {
  /** The thread looks for a moment whether something has come, while others compute: it must not wait for the end of their turns. */
  private static final long SLICE_NANOS = 100_000;

  /** Nothing is under way: a caller may run its operation itself. */
  private static final int IDLE = 0;

  /** A caller runs its operation itself. */
  private static final int CALLER = 1;

  /** The same, and somebody waits for it to end. */
  private static final int CALLER_AWAITED = 2;

  /** Operations are the thread's, until none is left; or this is closed. */
  private static final int THREAD = 3;

  private final Consumer<Collective> transport;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition(); // the thread may go on
  private final Condition ended = lock.newCondition(); // an operation has
  private final ArrayDeque<Task> queue = new ArrayDeque<>(); // guarded by the lock; not empty only if THREAD or CALLER_AWAITED
  private final AtomicInteger state = new AtomicInteger(IDLE); // from IDLE to CALLER and back without the lock
  private boolean closed; // guarded by the lock

  /**
   * @param name of the thread
   * @param transport does an operation and returns when it is done; must end promptly once the owner is closing
   */
  public ProgressThread(String name, Consumer<Collective> transport) {
    this.transport = transport;
    thread = Thread.ofPlatform().daemon().name(name).unstarted(this::progress);
    thread.start();
  }

  /**
   * @throws CollectiveException if closed
   */
  public Pending start(Collective collective) {
    lock.lock();
    try {
      if (closed) {
        throw new CollectiveException("the communicator is closed");
      }
      Task task = new Task(collective);
      queue.add(task);
      claim();
      return task;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for everything issued before and then for this.
   *
   * @throws CollectiveException if closed, or if the operation fails
   */
  public void run(Collective collective) {
    if (!state.compareAndSet(IDLE, CALLER)) {
      start(collective).await();
      return;
    }
    try {
      transport.accept(collective);
    } finally {
      if (!state.compareAndSet(CALLER, IDLE)) {
        lock.lock();
        state.set(THREAD);
        work.signal();
        ended.signalAll();
        lock.unlock();
      }
    }
  }

  /** Lets the operation under way end, fails those that have not begun, and ends the thread. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      claim();
      while (state.get() != THREAD || !queue.isEmpty()) {
        ended.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Sees to it that what comes next is the thread's. Called with the lock held. */
  private void claim() {
    if (state.compareAndSet(CALLER, CALLER_AWAITED) || state.get() == CALLER_AWAITED) {
      return; // the caller will tell the thread
    }
    if (!state.compareAndSet(IDLE, THREAD) && state.get() != THREAD) {
      claim(); // a caller has begun or ended in between
      return;
    }
    work.signal();
  }

  private void progress() {
    ThreadScheduling.shortSlice(SLICE_NANOS);
    lock.lock();
    try {
      while (true) {
        if (state.get() != THREAD) {
          work.awaitUninterruptibly();
        } else if (!queue.isEmpty()) {
          step(queue.peek());
        } else if (closed) {
          return;
        } else {
          state.set(IDLE);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Called and left with the lock held. */
  private void step(Task task) {
    boolean run = !closed;
    lock.unlock();
    long start = System.nanoTime();
    RuntimeException failure = null;
    try {
      if (run) {
        transport.accept(task.collective);
      } else {
        failure = new CollectiveException(task.collective.name() + " had not begun when the communicator was closed");
      }
    } catch (RuntimeException e) {
      failure = e;
    } catch (Error e) {
      failure = new CollectiveException(task.collective.name() + ": " + e, e);
    } finally {
      lock.lock();
      queue.remove();
      task.failure = failure;
      task.started = start;
      task.nanos = System.nanoTime() - start;
      task.done = true;
      ended.signalAll();
    }
  }

  private final class Task implements Pending {
    private final Collective collective;
    // Guarded by the lock.
    private RuntimeException failure;
    private long started;
    private long nanos;
    private boolean done;

    Task(Collective collective) {
      this.collective = collective;
    }

    @Override
    public void await() {
      lock.lock();
      try {
        while (!done) {
          ended.awaitUninterruptibly();
        }
        if (failure != null) {
          throw failure;
        }
      } finally {
        lock.unlock();
      }
    }

    @Override
    public boolean isDone() {
      lock.lock();
      try {
        return done;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public long nanos() {
      lock.lock();
      try {
        return nanos;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public long started() {
      lock.lock();
      try {
        return started;
      } finally {
        lock.unlock();
      }
    }
  }
}
