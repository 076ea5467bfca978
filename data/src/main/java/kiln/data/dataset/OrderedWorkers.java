package kiln.data.dataset;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import kiln.bindings.UserException;

/**
 * Works on many items at once and hands on the results in the order of the items, never more than a bounded number ahead, and never
 * with more than a bounded number of bytes on the way.
 */
final class OrderedWorkers implements AutoCloseable {
  /** Items per task, so that handing over costs little even where an item takes microseconds. */
  private static final int CHUNK = 16;

  private final int threads;
  private final long inFlight;
  private final ExecutorService pool;

  /**
   * Something to work on.
   *
   * @param bytes that it and its result take until the result is handed on
   */
  record Item<T>(long bytes, Callable<T> work) {}

  /** Takes the results. */
  @FunctionalInterface
  interface Results<T> {
    void accept(T result) throws IOException;
  }

  private record Task<T>(long bytes, Future<List<T>> results) {}

  /**
   * @param inFlight bytes of items that have been read and whose results have not been handed on; an item that is larger has the
   *     place for itself. One item more may have been read, which waits
   */
  OrderedWorkers(int threads, long inFlight) {
    this.threads = threads;
    this.inFlight = inFlight;
    pool = Executors.newFixedThreadPool(threads, Thread.ofPlatform().name("kiln-data-", 0).daemon().factory());
  }

  /**
   * @param items read by the calling thread
   * @param results called by the calling thread
   */
  <T> void run(Iterator<Item<T>> items, Results<T> results) throws InterruptedException, IOException {
    ArrayDeque<Task<T>> ahead = new ArrayDeque<>();
    Item<T> waiting = null; // read, but there was no place for it
    long bytes = 0;
    try {
      while (waiting != null || items.hasNext() || !ahead.isEmpty()) {
        while ((waiting != null || items.hasNext()) && ahead.size() < 4 * threads) {
          List<Callable<T>> chunk = new ArrayList<>(CHUNK);
          long chunkBytes = 0;
          boolean full = false;
          while (!full && chunk.size() < CHUNK && (waiting != null || items.hasNext())) {
            Item<T> item = waiting != null ? waiting : items.next();
            waiting = null;
            long before = bytes + chunkBytes;
            boolean alone = before == 0;
            boolean threadsShare = chunk.isEmpty() || chunkBytes + item.bytes <= inFlight / (2L * threads);
            if (alone || (threadsShare && before + item.bytes <= inFlight)) {
              chunk.add(item.work);
              chunkBytes += item.bytes;
            } else {
              waiting = item;
              full = true;
            }
          }
          if (chunk.isEmpty()) {
            break;
          }
          bytes += chunkBytes;
          ahead.add(new Task<>(chunkBytes, pool.submit(() -> callAll(chunk))));
        }
        Task<T> first = ahead.remove();
        for (T result : first.results.get()) {
          results.accept(result);
        }
        bytes -= first.bytes;
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UserException user) {
        throw user;
      }
      throw new IllegalStateException("preparing a sample failed", e.getCause());
    } finally {
      ahead.forEach(task -> task.results.cancel(true));
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
