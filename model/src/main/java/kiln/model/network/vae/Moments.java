package kiln.model.network.vae;

import kiln.model.graph.DType;
import kiln.model.graph.Shape;
import kiln.model.graph.Value;
import kiln.model.op.Clamp;
import kiln.model.op.Ops;
import kiln.model.op.Unary;

/**
 * The encoder's normal distribution over latents, independent in every element, in float32.
 *
 * @param mean [N, h, w, latentChannels]
 * @param logvar logarithm of the variance, of the same shape, in [-30, 20]
 */
public record Moments(Value mean, Value logvar) {
  private static final float MIN_LOGVAR = -30;
  private static final float MAX_LOGVAR = 20;

  /** Splits [N, h, w, 2·latentChannels], of either float type, into halves and limits the log variance. */
  static Moments of(Value output) {
    Value moments = Ops.cast(output, DType.F32);
    int channels = moments.shape().last() / 2;
    Value logvar = Ops.slice(moments, 3, channels, channels);
    return new Moments(
        Ops.slice(moments, 3, 0, channels), logvar.graph().apply(new Clamp(MIN_LOGVAR, MAX_LOGVAR), logvar));
  }

  /** Standard deviation, exp(logvar / 2). */
  public Value std() {
    return Ops.unary(Unary.Function.EXP, Ops.scale(logvar, 0.5f));
  }

  /** mean + std·noise, for standard normal noise of the shape of the mean. */
  public Value sample(Value noise) {
    return Ops.add(mean, Ops.mul(std(), noise));
  }

  /** Divergence from the standard normal distribution, summed over each sample: ½·Σ(mean² + exp(logvar) − 1 − logvar), [N]. */
  public Value kl() {
    Value variance = Ops.unary(Unary.Function.EXP, logvar);
    Value terms = Ops.add(Ops.unary(Unary.Function.SQUARE, mean), Ops.affine(Ops.sub(variance, logvar), 1, -1));
    Value sums = Ops.sum(terms, 1, 4); // [N, 1, 1, 1]
    return Ops.scale(Ops.reshape(sums, Shape.of(terms.shape().dim(0))), 0.5f);
  }
}
