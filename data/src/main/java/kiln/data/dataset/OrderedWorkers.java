package kiln.data.dataset;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import kiln.bindings.UserException;

/** Works on many items at once and hands on the results in the order of the items, never more than a bounded number ahead. */
final class OrderedWorkers implements AutoCloseable {
  /** Items per task, so that handing over costs little even where an item takes microseconds. */
  private static final int CHUNK = 16;

  private final int threads;
  private final ExecutorService pool;

  OrderedWorkers(int threads) {
    this.threads = threads;
    pool = Executors.newFixedThreadPool(threads, Thread.ofPlatform().name("kiln-data-", 0).daemon().factory());
  }

  /**
   * @param items read by the calling thread
   * @param results called by the calling thread
   */
  <T> void run(Iterator<Callable<T>> items, Consumer<T> results) throws InterruptedException {
    ArrayDeque<Future<List<T>>> ahead = new ArrayDeque<>();
    try {
      while (items.hasNext() || !ahead.isEmpty()) {
        while (items.hasNext() && ahead.size() < 4 * threads) {
          List<Callable<T>> chunk = new ArrayList<>(CHUNK);
          while (items.hasNext() && chunk.size() < CHUNK) {
            chunk.add(items.next());
          }
          ahead.add(pool.submit(() -> callAll(chunk)));
        }
        for (T result : ahead.remove().get()) {
          results.accept(result);
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UserException user) {
        throw user;
      }
      throw new IllegalStateException("preparing a sample failed", e.getCause());
    } finally {
      ahead.forEach(future -> future.cancel(true));
    }
  }

  private static <T> List<T> callAll(List<Callable<T>> chunk) throws Exception {
    List<T> results = new ArrayList<>(chunk.size());
    for (Callable<T> item : chunk) {
      results.add(item.call());
    }
    return results;
  }

  @Override
  public void close() {
    pool.shutdownNow();
  }
}
