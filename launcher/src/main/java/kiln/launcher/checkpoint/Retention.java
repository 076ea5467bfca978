package kiln.launcher.checkpoint;

import java.util.ArrayList;
import java.util.List;

/**
 * Which checkpoints stay when a new one is complete.
 *
 * @param last so many newest ones
 * @param every those of steps that this divides, too; 0 for none
 */
public record Retention(int last, long every) {
  public Retention {
    if (last < 1 || every < 0) {
      throw new IllegalArgumentException("last=" + last + ", every=" + every);
    }
  }

  /**
   * Which of them go.
   *
   * @param steps of all checkpoints, ascending
   */
  public List<Long> superfluous(List<Long> steps) {
    List<Long> superfluous = new ArrayList<>();
    for (long step : steps.subList(0, Math.max(0, steps.size() - last))) {
      if (every == 0 || step % every != 0) {
        superfluous.add(step);
      }
    }
    return superfluous;
  }
}
