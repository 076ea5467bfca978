package kiln.launcher.train;

import kiln.launcher.control.ControlPlane;
import kiln.launcher.control.SlowestRank;

/**
 * Tells rank 0 how this rank's time went, once per interval of steps: what it did not spend waiting for collectives it spent
 * computing. An interval ends one step before a line about a step is printed, so that all ranks have told by then: every step joins
 * them.
 */
final class RankPace {
  private final ControlPlane control;
  private final int every;
  private long nanos;
  private long waited;

  /**
   * @param every steps per interval
   */
  RankPace(ControlPlane control, int every) {
    this.control = control;
    this.every = every;
    this.waited = control.waitedNanos();
  }

  /** A step has been taken, in so many nanoseconds. */
  void stepped(long step, long stepNanos) {
    nanos += stepNanos;
    if ((step + 1) % every == 0) {
      long waiting = control.waitedNanos() - waited;
      control.tellPace(step, Math.max(0, nanos - waiting), waiting);
      nanos = 0;
      waited += waiting;
    }
  }

  /** Of the interval that has just ended; null after other steps, and on all ranks but 0. */
  SlowestRank slowest(long step) {
    return step % every == 0 ? control.takeSlowest().orElse(null) : null;
  }
}
