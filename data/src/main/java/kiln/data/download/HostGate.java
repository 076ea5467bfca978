package kiln.data.download;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Starts requests, each on a thread of its own: only so many at once in all and to one host, and two to one host never closer to
 * each other than its delay. Whoever waits for a host keeps nobody from another one.
 *
 * <p>The threads are those of the system: looking up names and forcing files to the disk would hold a virtual thread's carrier.
 */
final class HostGate implements AutoCloseable {
  /** Hosts that are remembered before those are forgotten that have nothing to do. */
  private static final int MANY_HOSTS = 4096;

  private static final class Host {
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private long delay;
    private long notBefore = System.nanoTime();
    private int running;
    private boolean listed;

    Host(long delay) {
      this.delay = delay;
    }

    boolean idle(long now) {
      return waiting.isEmpty() && running == 0 && notBefore - now <= 0;
    }
  }

  private final DownloadOptions.Crowd crowd;
  private final ExecutorService pool;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<String, Host> hosts = new HashMap<>();

  /** Hosts that something waits for and that have a free place, the one whose time comes first at the head. */
  private final PriorityQueue<Host> ready = new PriorityQueue<>((a, b) -> Long.signum(a.notBefore - b.notBefore));

  private int running;
  private int sweepAt = MANY_HOSTS;
  private boolean closed;

  HostGate(DownloadOptions.Crowd crowd) {
    this.crowd = crowd;
    pool = Executors.newCachedThreadPool(Thread.ofPlatform().name("kiln-download-", 0).daemon().factory());
    Thread.ofPlatform().name("kiln-download-gate").daemon().start(this::dispatch);
  }

  /** Calls {@code request} as soon as its host may be asked; never after {@link #stop}. */
  <T> CompletableFuture<T> submit(String host, Callable<T> request) {
    CompletableFuture<T> future = new CompletableFuture<>();
    Runnable work =
        () -> {
          try {
            future.complete(request.call());
          } catch (Throwable e) {
            future.completeExceptionally(e);
          }
        };
    lock.lock();
    try {
      Host state = host(host);
      state.waiting.add(work);
      list(state);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    return future;
  }

  /** Lets nothing to a host start for a time. */
  void pause(String host, Duration time) {
    change(host, state -> state.notBefore = later(state.notBefore, System.nanoTime() + time.toNanos()));
  }

  /** What waits for this host needs no delay any more: it will not be asked. */
  void rush(String host) {
    change(
        host,
        state -> {
          state.delay = 0;
          state.notBefore = System.nanoTime();
        });
  }

  private void change(String name, Consumer<Host> change) {
    lock.lock();
    try {
      Host host = host(name);
      ready.remove(host);
      host.listed = false;
      change.accept(host);
      list(host);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Starts nothing more. */
  void stop() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until nothing runs any more. */
  void awaitIdle() {
    lock.lock();
    try {
      while (running > 0) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    stop();
    awaitIdle();
    pool.shutdown();
  }

  private Host host(String name) {
    return hosts.computeIfAbsent(name, _ -> new Host(crowd.hostDelay().toNanos()));
  }

  private void list(Host host) {
    if (!host.listed && !host.waiting.isEmpty() && host.running < crowd.perHost()) {
      host.listed = true;
      ready.add(host);
    }
  }

  private void dispatch() {
    lock.lock();
    try {
      while (!closed) {
        Host next = ready.peek();
        long wait = next == null ? 0 : next.notBefore - System.nanoTime();
        if (next == null || running == crowd.connections()) {
          changed.awaitUninterruptibly();
        } else if (wait > 0) {
          changed.awaitNanos(wait);
        } else {
          start(ready.remove());
        }
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e); // nobody interrupts this thread
    } finally {
      lock.unlock();
    }
  }

  private void start(Host host) {
    Runnable work = host.waiting.remove();
    host.listed = false;
    host.running++;
    running++;
    host.notBefore = System.nanoTime() + host.delay;
    list(host);
    pool.execute(
        () -> {
          try {
            work.run();
          } finally {
            finished(host);
          }
        });
  }

  private void finished(Host host) {
    lock.lock();
    try {
      host.running--;
      running--;
      list(host);
      if (hosts.size() > sweepAt) {
        long now = System.nanoTime();
        hosts.values().removeIf(each -> each.idle(now));
        sweepAt = Math.max(MANY_HOSTS, 2 * hosts.size());
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static long later(long a, long b) {
    return a - b > 0 ? a : b;
  }
}
