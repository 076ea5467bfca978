package kiln.launcher.control;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import kiln.collectives.Communicator;
import kiln.collectives.record.LaneState;

/** What a rank does when the job cannot go on: its collectives fail, and if it does not end by itself, it is ended. */
final class FailureResponse implements ControlClient.Listener {
  private static final Duration TO_END = Duration.ofMillis(2500);

  private final Consumer<String> news;
  private final Runnable end;
  private final CompletableFuture<JobFailure> failure = new CompletableFuture<>();
  private final List<Communicator> communicators = new CopyOnWriteArrayList<>();
  private volatile Watchdog watchdog;

  /**
   * @param news gets the line, if no other rank says it
   * @param end ends this process at once
   */
  FailureResponse(Consumer<String> news, Runnable end) {
    this.news = news;
    this.end = end;
  }

  CompletableFuture<JobFailure> failure() {
    return failure;
  }

  /** From now on {@code communicator} is aborted when the job fails. */
  void watch(Communicator communicator, Watchdog collectives) {
    watchdog = collectives;
    communicators.add(communicator);
    if (failure.isDone()) {
      communicator.abort(failure.join().line());
    }
  }

  @Override
  public void failed(JobFailure found, boolean here) {
    if (failure.isDone()) {
      return;
    }
    if (here) {
      news.accept("kiln: " + found.line());
    }
    failure.complete(found);
    Thread.ofPlatform().daemon().name("control-abort").start(() -> respond(found)); // aborting may take its time
  }

  private void respond(JobFailure found) {
    long deadline = System.nanoTime() + TO_END.toNanos();
    Thread.ofPlatform().daemon().name("control-end").start(() -> endAt(deadline));
    communicators.forEach(communicator -> communicator.abort(found.line()));
  }

  private void endAt(long deadline) {
    try {
      TimeUnit.NANOSECONDS.sleep(Math.max(0, deadline - System.nanoTime()));
      end.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void asked(Consumer<List<LaneState>> answer) {
    Watchdog collectives = watchdog;
    if (collectives == null) {
      answer.accept(List.of());
    } else {
      collectives.tell(answer);
    }
  }
}
