package kiln.model.optim;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.lang.foreign.MemorySegment;
import kiln.bindings.UserException;

/**
 * AdamW (Loshchilov and Hutter 2019) as {@code torch.optim.AdamW}: one native pass over flat regions, or one slice of each.
 *
 * @param weightDecay share of the weight, times the learning rate, that every step takes away
 */
public record AdamW(
    @JsonProperty("beta1") double beta1,
    @JsonProperty("beta2") double beta2,
    @JsonProperty("epsilon") double epsilon,
    @JsonProperty("weight_decay") double weightDecay) {

  public AdamW {
    if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && epsilon > 0 && weightDecay >= 0)) {
      throw new UserException(
          "AdamW: expected betas in [0, 1), epsilon > 0 and weight_decay >= 0, found beta1=" + beta1 + " beta2=" + beta2
              + " epsilon=" + epsilon + " weight_decay=" + weightDecay);
    }
  }

  /** Betas 0.9 and 0.999, epsilon 10⁻⁸, weight decay 0.01. */
  public static AdamW standard() {
    return new AdamW(0.9, 0.999, 1e-8, 0.01);
  }

  /**
   * Updates weights and moments in place, on the processor.
   *
   * @param step number of this update, counted from 1
   * @param gradientScale what gradients are multiplied by first (see {@link GlobalNorm#clipScale})
   */
  public void step(
      MemorySegment weights,
      MemorySegment gradients,
      MemorySegment firstMoment,
      MemorySegment secondMoment,
      long step,
      double learningRate,
      double gradientScale) {
    OptimizedRegions regions =
        new OptimizedRegions(
            StateKernels.CPU, weights, gradients, firstMoment, secondMoment, MemorySegment.NULL, MemorySegment.NULL);
    step(regions, Ema.growing(0), step, learningRate, gradientScale);
  }

  /**
   * As {@link #step(MemorySegment, MemorySegment, MemorySegment, MemorySegment, long, double, double)}, and then, in the
   * same pass over memory, {@link Ema#update} of the average and rounding of the narrow weights, if the regions have them.
   * The bits are those of separate passes.
   */
  public void step(OptimizedRegions regions, Ema ema, long step, double learningRate, double gradientScale) {
    StateKernels.AdamWNumbers numbers =
        new StateKernels.AdamWNumbers(
            (float) gradientScale,
            (float) beta1,
            (float) beta2,
            (float) epsilon,
            (float) (1 - learningRate * weightDecay),
            (float) (learningRate / (1 - Math.pow(beta1, step))),
            (float) Math.sqrt(1 - Math.pow(beta2, step)),
            ema.rateAt(step));
    regions.kernels().adamW(regions, numbers);
  }
}
