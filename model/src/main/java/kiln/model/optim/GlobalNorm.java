package kiln.model.optim;

import java.lang.foreign.MemorySegment;
import kiln.bindings.OptimizerKernels;

/** The L2 norm over all gradients together, and clipping by it (Pascanu et al. 2013), as {@code clip_grad_norm_} of torch. */
public final class GlobalNorm {
  private static final double EPSILON = 1e-6;

  private GlobalNorm() {}

  /** √Σx² of a float32 region; padding holds zeros. The same bits for any number of threads. */
  public static double of(MemorySegment region) {
    return Math.sqrt(OptimizerKernels.sumOfSquares(region));
  }

  /** What gradients of norm {@code norm} are multiplied by so that it is at most {@code maximum}. */
  public static double clipScale(double norm, double maximum) {
    return Math.min(1, maximum / (norm + EPSILON));
  }
}
