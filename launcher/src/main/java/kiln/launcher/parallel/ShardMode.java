package kiln.launcher.parallel;

import java.util.Locale;

/**
 * What ranks divide among themselves instead of each keeping all of it (Rajbhandari et al. 2020, "ZeRO: Memory Optimizations
 * Toward Training Trillion Parameter Models"); each mode divides what those before it do, and something more.
 */
public enum ShardMode {
  /** Every rank keeps everything. */
  NONE,
  /** Moments and moving average: ZeRO-1. */
  OPTIMIZER,
  /** And gradients: ZeRO-2. */
  GRADIENTS,
  /** And weights: ZeRO-3. */
  PARAMETERS;

  public boolean dividesGradients() {
    return compareTo(GRADIENTS) >= 0;
  }

  public boolean dividesWeights() {
    return this == PARAMETERS;
  }

  /** As the user writes it: {@code none}, {@code optimizer}, {@code gradients}, {@code parameters}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
