package kiln.model.optim;

import java.lang.foreign.MemorySegment;

/** The L2 norm over all gradients together, and clipping by it (Pascanu et al. 2013), as {@code clip_grad_norm_} of torch. */
public final class GlobalNorm {
  private static final double EPSILON = 1e-6;

  private GlobalNorm() {}

  /** √Σx² of a float32 region; padding holds zeros. The same bits for any number of threads. */
  public static double of(MemorySegment region) {
    return of(StateKernels.CPU, region);
  }

  /** The same of a region that {@code kernels} can work on. */
  public static double of(StateKernels kernels, MemorySegment region) {
    return Math.sqrt(kernels.sumOfSquares(region));
  }

  /** What gradients of norm {@code norm} are multiplied by so that it is at most {@code maximum}. */
  public static double clipScale(double norm, double maximum) {
    return Math.min(1, maximum / (norm + EPSILON));
  }
}
