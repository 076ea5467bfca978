package kiln.data.input;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The body of a response as a stream that does not wait for ever: {@link HttpResponse.BodyHandlers#ofInputStream} has no timeout
 * once the headers are there.
 */
final class TimedBody extends BulkStream implements HttpResponse.BodySubscriber<InputStream> {
  /** Buffers asked for ahead; the client's are 16 KiB. */
  private static final int AHEAD = 16;

  private sealed interface Event permits Data, End {}

  private record Data(List<ByteBuffer> buffers) implements Event {}

  /** Failure is null at the end of the body. */
  private record End(Throwable failure) implements Event {}

  private final String location;
  private final Duration stall;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>(); // bounded by what is asked for

  private volatile Flow.Subscription subscription;
  private volatile boolean closed;
  private List<ByteBuffer> buffers = List.of();
  private int next;
  private End end;

  /**
   * @param stall the longest wait for another byte
   */
  TimedBody(String location, Duration stall) {
    this.location = location;
    this.stall = stall;
  }

  @Override
  public CompletionStage<InputStream> getBody() {
    return CompletableFuture.completedStage(this);
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription = given;
    if (closed) {
      given.cancel();
    } else {
      given.request(AHEAD);
    }
  }

  /** The exchange has ended before the body began, of which nobody else would tell. */
  void failUnlessSubscribed(Throwable failure) {
    if (subscription == null) {
      onError(failure);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> item) {
    events.add(new Data(item));
  }

  @Override
  public void onError(Throwable failure) {
    events.add(new End(failure));
  }

  @Override
  public void onComplete() {
    events.add(new End(null));
  }

  @Override
  public int read(byte[] target, int offset, int count) throws IOException {
    Objects.checkFromIndexSize(offset, count, target.length);
    if (count == 0) {
      return 0;
    }
    while (true) {
      if (closed) {
        throw new IOException(location + ": closed");
      }
      if (next < buffers.size()) {
        ByteBuffer buffer = buffers.get(next);
        if (buffer.hasRemaining()) {
          int got = Math.min(count, buffer.remaining());
          buffer.get(target, offset, got);
          return got;
        }
        next++;
      } else if (end != null) {
        if (end.failure != null) {
          throw new IOException(Failures.text(end.failure), end.failure);
        }
        return -1;
      } else {
        await();
      }
    }
  }

  private void await() throws IOException {
    try {
      switch (events.poll(stall.toNanos(), TimeUnit.NANOSECONDS)) {
        case null ->
            throw InputException.passing(
                InputException.TOO_SLOW, location, "not a byte for " + stall.toMillis() + " ms", null);
        case Data data -> {
          buffers = data.buffers;
          next = 0;
          subscription.request(1);
        }
        case End reached -> end = reached;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  /** Ends the exchange; the rest of the body is not read. */
  @Override
  public void close() {
    closed = true;
    Flow.Subscription given = subscription;
    if (given != null) {
      given.cancel();
    }
    events.add(new End(null)); // wakes a reader
  }
}
