package kiln.model.optim;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.lang.foreign.MemorySegment;
import kiln.bindings.OptimizerKernels;
import kiln.bindings.UserException;

/**
 * Exponential moving average of the weights, as {@code diffusers.training_utils.EMAModel}: its decay grows with the number of
 * updates, so that the start is forgotten.
 *
 * @param decay upper bound of the decay
 * @param minDecay lower bound of the decay
 * @param updateAfterStep updates up to this one only copy the weights
 * @param warmup decay 1 − (1 + s / inverseGamma)^−power instead of (1 + s) / (10 + s)
 */
public record Ema(
    @JsonProperty("decay") double decay,
    @JsonProperty("min_decay") double minDecay,
    @JsonProperty("update_after_step") long updateAfterStep,
    @JsonProperty("use_ema_warmup") boolean warmup,
    @JsonProperty("inv_gamma") double inverseGamma,
    @JsonProperty("power") double power) {

  public Ema {
    if (!(minDecay >= 0 && minDecay <= decay && decay < 1 && inverseGamma > 0)) {
      throw new UserException(
          "EMA: expected 0 <= min_decay <= decay < 1 and inv_gamma > 0, found min_decay=" + minDecay + " decay=" + decay
              + " inv_gamma=" + inverseGamma);
    }
  }

  /** diffusers' default: (1 + s) / (10 + s), at most {@code decay}. */
  public static Ema growing(double decay) {
    return new Ema(decay, 0, 0, false, 1, 2.0 / 3);
  }

  /** The same decay from the first update on. */
  public static Ema constant(double decay) {
    return new Ema(decay, decay, -1, false, 1, 2.0 / 3);
  }

  /** The decay of update {@code step}, counted from 1. */
  public double decayAt(long step) {
    long s = Math.max(0, step - updateAfterStep - 1);
    if (s == 0) {
      return 0;
    }
    double grown = warmup ? 1 - Math.pow(1 + s / inverseGamma, -power) : (1.0 + s) / (10.0 + s);
    return Math.max(Math.min(grown, decay), minDecay);
  }

  /** Share of its distance from the weights that the average moves in update {@code step}, counted from 1. */
  float rateAt(long step) {
    return (float) (1 - decayAt(step));
  }

  /** Moves {@code average} towards {@code weights}: update {@code step}, counted from 1. */
  public void update(MemorySegment average, MemorySegment weights, long step) {
    OptimizerKernels.ema(average, weights, rateAt(step));
  }
}
