package kiln.data.download;

import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/**
 * All requests that a download takes: redirections are followed, and failures that may pass are tried again. Nobody holds a
 * connection or a host's place while it waits.
 */
final class Requests implements AutoCloseable {
  private static final double BACKOFF_GROWTH = 2;
  private static final double BACKOFF_JITTER = 0.5;

  private final DownloadOptions options;
  private final ScheduledExecutorService timer;
  private final HostGate gate;
  private final Fetcher fetcher;
  private final HostHealth health;
  private final IntervalFunction backoff;
  private final Retry retry;

  Requests(DownloadOptions options, PictureStore store) {
    this.options = options;
    ScheduledThreadPoolExecutor threads =
        new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().name("kiln-download-timer").daemon().factory());
    threads.setRemoveOnCancelPolicy(true);
    timer = threads;
    gate = new HostGate(options.crowd());
    fetcher = new Fetcher(options, store, timer);
    health = new HostHealth(options.crowd().hostFailures());
    backoff = IntervalFunction.ofExponentialRandomBackoff(options.retries().backoff(), BACKOFF_GROWTH, BACKOFF_JITTER);
    retry =
        Retry.of(
            "download",
            RetryConfig.<Response>custom()
                .maxAttempts(1 + options.retries().count())
                .retryOnResult(this::isWorthRetrying)
                .retryOnException(_ -> false)
                .intervalBiFunction((attempt, result) -> wait(attempt, result.get()))
                .build());
  }

  /** Completes with a picture or a failure, or exceptionally if pictures cannot be stored; maybe never after {@link #stop}. */
  CompletionStage<Response> download(Work work) {
    try {
      WebAddress address = WebAddress.parse(work.target().url());
      return retry.executeCompletionStage(timer, () -> request(work, address, 0));
    } catch (FailedException e) {
      return CompletableFuture.completedStage(new Response.Failed(e.failure()));
    }
  }

  private CompletableFuture<Response> request(Work work, WebAddress address, int redirects) {
    return gate.submit(address.host(), () -> ask(work, address, redirects > 0))
        .thenCompose(
            response ->
                response instanceof Response.Redirected moved
                    ? follow(work, address, moved, redirects)
                    : CompletableFuture.completedFuture(response));
  }

  private Response ask(Work work, WebAddress address, boolean redirected) throws FolderFullException {
    String host = address.host();
    if (health.givenUp(host)) {
      String detail = host + ": " + options.crowd().hostFailures() + " failures in a row to reach it";
      return new Response.Failed(work.failure().orElse(Failure.of(Reason.HOST_GIVEN_UP, detail)), true);
    }
    work.begin(redirected);
    Response response = fetcher.get(address, work.target().checksum());
    if (health.saw(host, response)) {
      gate.rush(host);
    }
    if (response instanceof Response.Failed failed) {
      work.failed(failed.failure());
      failed.failure().retryAfter().filter(this::isBearable).ifPresent(time -> gate.pause(host, time));
    }
    return response;
  }

  private CompletableFuture<Response> follow(Work work, WebAddress from, Response.Redirected moved, int redirects) {
    Failure failure;
    if (redirects == options.limits().redirects()) {
      String detail = redirects + " redirections, then one to " + moved.location();
      failure = Failure.of(Reason.TOO_MANY_REDIRECTS, moved.http(), detail);
    } else {
      try {
        return request(work, from.resolve(moved.location()), redirects + 1);
      } catch (FailedException e) {
        failure = Failure.of(e.failure().reason(), moved.http(), "redirected: " + e.failure().detail());
      }
    }
    return CompletableFuture.completedFuture(new Response.Failed(failure));
  }

  private boolean isBearable(Duration wait) {
    return wait.compareTo(options.retries().longestWait()) <= 0;
  }

  private boolean isWorthRetrying(Response response) {
    return response instanceof Response.Failed failed
        && !failed.last()
        && failed.failure().passing()
        && failed.failure().retryAfter().map(this::isBearable).orElse(true);
  }

  /** Milliseconds. */
  private long wait(int attempt, Response response) {
    long least =
        response instanceof Response.Failed failed ? failed.failure().retryAfter().map(Duration::toMillis).orElse(0L) : 0;
    return Math.max(least, backoff.apply(attempt));
  }

  /** Ends what is under way and starts nothing more. */
  void stop() {
    gate.stop();
    fetcher.cancel();
    gate.awaitIdle();
    timer.shutdownNow();
  }

  boolean stopped() {
    return fetcher.cancelled();
  }

  @Override
  public void close() {
    stop();
    gate.close();
    fetcher.close();
  }
}
