package kiln.launcher.train;

import kiln.launcher.checkpoint.Retention;

/**
 * When checkpoints are written, how, and which stay.
 *
 * @param every null to save as often as the preset says
 * @param beside whether they are written beside training, from a copy
 */
public record SaveOptions(SaveInterval every, Retention keep, Beside beside) {
  /** Whether training goes on while a checkpoint is written. */
  public enum Beside {
    /** If there is memory for the copy. */
    AUTO,
    ON,
    OFF
  }

  /** The newest two stay. */
  public static final SaveOptions STANDARD = keeping(2);

  /** The newest stay. */
  public static SaveOptions keeping(int newest) {
    return new SaveOptions(null, new Retention(newest, 0), Beside.AUTO);
  }
}
