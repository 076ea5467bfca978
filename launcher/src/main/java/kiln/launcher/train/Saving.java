package kiln.launcher.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import kiln.data.queue.Schedule;
import kiln.launcher.checkpoint.CheckpointSaver;
import kiln.launcher.checkpoint.Completion;
import kiln.launcher.parallel.DataParallel;
import kiln.model.train.StatePart;
import kiln.model.train.TrainingState;

/**
 * When a run is saved, and what ranks do together for it. While a checkpoint is written beside training, they tell each other in
 * every step whether they still write; so all of them know at the same step that it is complete.
 */
final class Saving implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(2);
  private static final double NANO = 1e-9;

  private final SaveInterval interval;
  private final Schedule schedule;
  private final CheckpointSaver saver;
  private final StepTotals totals;
  private final RankRole role;
  private final boolean hasClock;
  private final boolean wantsAverage;
  private long lastBegan = System.nanoTime();
  private long lastStep = -1;
  private boolean asked;

  /**
   * @param hasClock whether it is this rank that says when the time has come; one does
   * @param wantsAverage whether rank 0 needs the whole moving average to complete a checkpoint
   */
  Saving(
      SaveInterval interval,
      Schedule schedule,
      CheckpointSaver saver,
      StepTotals totals,
      RankRole role,
      boolean hasClock,
      boolean wantsAverage) {
    this.interval = interval;
    this.schedule = schedule;
    this.saver = saver;
    this.totals = totals;
    this.role = role;
    this.hasClock = hasClock;
    this.wantsAverage = wantsAverage;
  }

  /** Whether this rank wants the step that is being taken to be saved, because the time has come. */
  boolean asks() {
    return hasClock
        && interval.unit() == SaveInterval.Unit.SECONDS
        && System.nanoTime() - lastBegan >= Duration.ofSeconds(interval.number()).toNanos();
  }

  /** Whether this rank is still writing. */
  boolean isBusy() {
    return saver.isBusy();
  }

  /**
   * What all ranks have told each other in a step.
   *
   * @param anybodyAsks whether some rank {@link #asks}
   * @param anybodyBusy whether some rank {@link #isBusy}
   */
  void heard(boolean anybodyAsks, boolean anybodyBusy) {
    asked = anybodyAsks;
    advance(anybodyBusy);
  }

  /** Whether the state after {@code step}, which was just taken, is to be saved. */
  boolean isDue(long step) {
    return switch (interval.unit()) {
      case STEPS -> step % interval.number() == 0;
      case SECONDS -> asked;
      case EPOCHS -> schedule.stepInEpoch(step) == 0 && schedule.epoch(step) % interval.number() == 0;
    };
  }

  /** Collective: saves the state, unless that has been done; training may change it when this returns. */
  void save(TrainingState state, DataParallel parallel) {
    if (state.step() == lastStep) {
      return;
    }
    long start = System.nanoTime();
    finish(); // never two at once
    saver.begin(state, completion(state, parallel));
    lastBegan = System.nanoTime();
    lastStep = state.step();
    asked = false;
    role.saving((lastBegan - start) * NANO);
  }

  private Completion completion(TrainingState state, DataParallel parallel) {
    if (!wantsAverage) {
      return role.completion(state);
    }
    try {
      return parallel.whole(StatePart.AVERAGE, () -> role.completion(state));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Collective: waits until what is under way is complete. */
  void finish() {
    while (!saver.isIdle()) {
      boolean anybody = totals.any(saver.isBusy());
      advance(anybody);
      if (anybody) {
        sleep();
      }
    }
  }

  private void advance(boolean anybodyBusy) {
    saver.advance(anybodyBusy);
    saver.takeSaved().ifPresent(role::saved);
  }

  private static void sleep() {
    try {
      Thread.sleep(POLL);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public void close() {
    saver.close();
  }
}
