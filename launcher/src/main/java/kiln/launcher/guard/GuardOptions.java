package kiln.launcher.guard;

/**
 * What is watched, and how closely.
 *
 * @param checkEvery steps between comparisons of all ranks' weights; 0 for never
 * @param maxSkipped most steps in a row that are skipped because loss or gradient is not finite
 * @param spikeThreshold robust standard deviations above the median from which on a loss is reported; 0 for never
 */
public record GuardOptions(int checkEvery, int maxSkipped, double spikeThreshold) {
  /** Every 100 steps, 10 steps, 10 deviations. */
  public static final GuardOptions STANDARD = new GuardOptions(100, 10, 10);
}
