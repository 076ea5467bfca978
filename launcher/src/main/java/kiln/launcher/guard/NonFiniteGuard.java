package kiln.launcher.guard;

import kiln.bindings.UserException;

/**
 * Skips steps whose loss or gradient is not finite, so that they do not spoil weights and moments for good, and ends the run
 * when too many come in a row. It looks at numbers that all ranks share, bit for bit, and so comes to the same verdict on
 * each.
 */
public final class NonFiniteGuard {
  private final int maxSkipped;
  private int inARow;
  private long skipped;

  /**
   * @param maxSkipped most in a row; 0 ends the run at the first one
   */
  public NonFiniteGuard(int maxSkipped) {
    this.maxSkipped = maxSkipped;
  }

  /**
   * Whether the update of a step is to be left out.
   *
   * @param loss mean over all ranks
   * @param norm of the gradient over all ranks
   * @throws UserException if it is to be left out, as were the last {@code maxSkipped} ones
   */
  public boolean skips(long step, double loss, double norm) {
    if (Double.isFinite(loss) && Double.isFinite(norm)) {
      inARow = 0;
      return false;
    }
    if (inARow == maxSkipped) {
      String others = "; the " + maxSkipped + " steps before it were skipped for the like (--max-skipped)";
      String before = maxSkipped == 0 ? "" : others;
      String advice = "try a smaller optimizer.learning_rate (--set) or another --seed";
      throw new UserException("step " + step + ": " + found(loss, norm) + before + "; " + advice);
    }
    inARow++;
    skipped++;
    return true;
  }

  /** Steps skipped since construction. */
  public long skipped() {
    return skipped;
  }

  /** What is wrong, as in {@code the gradient's norm is NaN}. */
  public static String found(double loss, double norm) {
    return Double.isFinite(norm) ? "the loss is " + loss : "the gradient's norm is " + norm + " (loss " + loss + ")";
  }
}
