package kiln.data.input;

import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import kiln.bindings.UserException;

/**
 * How often to try what may work the next time, and how long to wait before: twice as long each time, give or take half, so
 * that many readers do not come back at once.
 *
 * @param attempts in all, at least 1
 * @param firstWait before the second attempt
 * @param longestWait before any; but a server's {@code Retry-After} is honoured up to {@link #PATIENCE}
 */
public record RetryPolicy(int attempts, Duration firstWait, Duration longestWait) {
  /** A server that asks for more than this has failed. */
  public static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final double FACTOR = 2;
  private static final double SPREAD = 0.5;

  public RetryPolicy {
    if (attempts < 1) {
      throw new UserException("--io-attempts: expected at least 1, found " + attempts);
    }
    if (firstWait.toMillis() < 1 || longestWait.compareTo(firstWait) <= 0) {
      throw new IllegalArgumentException("waits from " + firstWait + " to " + longestWait);
    }
  }

  /** Half a second, then up to half a minute. */
  public static RetryPolicy ofAttempts(int attempts) {
    return new RetryPolicy(attempts, Duration.ofMillis(500), Duration.ofSeconds(30));
  }

  /**
   * Calls until it works, or fails with something other than an {@link InputException} that is passing.
   *
   * @throws InputException the last failure, with the number of attempts
   * @throws InterruptedIOException if the thread is interrupted while it waits
   */
  public <T> T call(Callable<T> operation) throws IOException {
    Retry retry = Retry.of("input", config());
    int[] done = {0};
    try {
      return retry.executeCallable(
          () -> {
            done[0]++;
            return operation.call();
          });
    } catch (InputException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw interrupted();
      }
      throw e.isPassing() ? e.afterAttempts(done[0]) : e;
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static InterruptedIOException interrupted() {
    return new InterruptedIOException("interrupted");
  }

  private RetryConfig config() {
    IntervalFunction backOff =
        IntervalFunction.ofExponentialRandomBackoff(firstWait, FACTOR, SPREAD, longestWait);
    return RetryConfig.custom()
        .maxAttempts(attempts)
        .retryOnException(RetryPolicy::isWorthRetrying)
        .intervalBiFunction(
            (attempt, outcome) -> {
              long wait = backOff.apply(attempt);
              return outcome.isLeft() && outcome.getLeft() instanceof InputException e
                  ? Math.max(wait, e.askedWait().toMillis())
                  : wait;
            })
        .build();
  }

  private static boolean isWorthRetrying(Throwable failure) {
    return failure instanceof InputException e && e.isPassing() && e.askedWait().compareTo(PATIENCE) <= 0;
  }
}
