package kiln.data.webdataset;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import kiln.data.input.Input;
import kiln.data.input.InputException;
import kiln.data.source.RawSample;
import kiln.data.source.UnusableException;

/** A shard that a thread of its own reads, so far ahead of whoever takes its samples as a number of bytes allows. */
final class ShardAhead implements ShardSink, AutoCloseable {
  private static final long BYTES_AHEAD = 32L << 20;

  /** Besides the picture: the objects of a sample, so that very small ones are bounded as well. */
  private static final long OVERHEAD = 1 << 10;

  /** What has become of a sample, or of the shard. */
  sealed interface Event {
    long bytes();
  }

  record Ready(RawSample sample, long bytes) implements Event {}

  record LeftOut(UnusableException unusable) implements Event {
    @Override
    public long bytes() {
      return OVERHEAD;
    }
  }

  /** Nothing that a shard can hold; a fault of ours. */
  record Failed(Throwable failure) implements Event {
    @Override
    public long bytes() {
      return 0;
    }
  }

  private final ArrayDeque<Event> events = new ArrayDeque<>();
  private final Thread thread;
  private long held;
  private boolean done;
  private boolean closed;
  private InputStream open;

  /**
   * Starts to read.
   *
   * @param prefix of the samples' keys
   */
  ShardAhead(Input shard, String prefix, WebDatasetOptions options) {
    thread = Thread.ofPlatform().daemon().name("kiln-shard").unstarted(() -> run(shard, prefix, options));
    thread.start();
  }

  private void run(Input shard, String prefix, WebDatasetOptions options) {
    try (InputStream stream = shard.open()) {
      if (setOpen(stream)) {
        new ShardReader(shard.location(), prefix, options, this).read(stream);
      }
    } catch (InputException e) {
      putLast(new LeftOut(e.unusable()));
    } catch (IOException e) {
      putLast(new LeftOut(new UnusableException(InputException.UNREADABLE, shard.location() + ": " + e.getMessage())));
    } catch (InterruptedException _) {
      // Nobody waits for the rest.
    } catch (RuntimeException | Error e) {
      putLast(new Failed(e));
    } finally {
      end();
    }
  }

  private synchronized boolean setOpen(InputStream stream) {
    open = stream;
    return !closed;
  }

  private synchronized void put(Event event) throws InterruptedException {
    while (held > 0 && held + event.bytes() > BYTES_AHEAD && !closed) {
      wait();
    }
    if (closed) {
      throw new InterruptedException();
    }
    putLast(event);
  }

  private synchronized void putLast(Event event) {
    events.add(event);
    held += event.bytes();
    notifyAll();
  }

  private synchronized void end() {
    done = true;
    notifyAll();
  }

  @Override
  public void sample(RawSample sample) throws InterruptedException {
    int caption = sample.caption() == null ? 0 : sample.caption().length;
    put(new Ready(sample, sample.picture().heldBytes() + caption + 2L * sample.truth().length() + OVERHEAD));
  }

  @Override
  public void leftOut(UnusableException unusable) throws InterruptedException {
    put(new LeftOut(unusable));
  }

  /** Waits for the next event; null at the end. */
  synchronized Event take() throws InterruptedException {
    while (events.isEmpty() && !done) {
      wait();
    }
    Event event = events.poll();
    if (event != null) {
      held -= event.bytes();
      notifyAll();
    }
    return event;
  }

  /** Ends the reading, wherever it is. */
  @Override
  public void close() {
    InputStream stream;
    synchronized (this) {
      closed = true;
      stream = open;
      notifyAll();
    }
    thread.interrupt();
    try {
      if (stream != null) {
        stream.close();
      }
    } catch (IOException _) {
      // It is not read any more.
    }
  }
}
