package kiln.launcher.train;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * How often lost ranks are started again, and after which pause. The number counts for the whole command, however far the run
 * gets, as with PyTorch's torchrun; the pause doubles only while restarts do not get to a new checkpoint.
 */
final class Restarts {
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(64);

  private final int most;
  private int used;
  private Path from; // the checkpoint that was gone on from the last time; null for none
  private Duration pause = FIRST_PAUSE;

  /**
   * @param most restarts; 0 for none
   * @param from the checkpoint that the run goes on from at first; null to begin
   */
  Restarts(int most, Path from) {
    this.most = most;
    this.from = from;
  }

  boolean areLeft() {
    return used < most;
  }

  /**
   * Takes one.
   *
   * @param checkpoint to go on from; null to begin anew
   * @return how long to wait
   */
  Duration take(Path checkpoint) {
    boolean progress = used == 0 || !Objects.equals(checkpoint, from);
    pause = progress ? FIRST_PAUSE : pause.multipliedBy(2);
    pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    used++;
    from = checkpoint;
    return pause;
  }

  /** As in {@code restart 1 of 3 from out/checkpoints/step-000200}. */
  String describe() {
    return "restart " + used + " of " + most + " from " + (from == null ? "the beginning" : from);
  }

  /** As in {@code after 3 restarts}; empty if there were none. */
  String describeUsed() {
    return used == 0 ? "" : " after " + used + (used == 1 ? " restart" : " restarts");
  }
}
