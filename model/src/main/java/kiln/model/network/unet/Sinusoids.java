package kiln.model.network.unet;

import kiln.model.graph.Shape;
import kiln.model.graph.Value;
import kiln.model.op.Ops;
import kiln.model.op.TimestepEmbedding;

/**
 * Numbers as sines and cosines, diffusers' {@code Timesteps}.
 *
 * @param scope under which the operation is traced
 * @param width of the encoding of one number
 */
record Sinusoids(String scope, int width, boolean flipSinToCos, double freqShift) {
  private static final float MAX_PERIOD = 10_000;

  /** numbers [N] or [N, K], int32 or float32 → [N, width] or [N, K·width]. */
  Value apply(Value numbers) {
    Shape shape = numbers.shape();
    TimestepEmbedding op = new TimestepEmbedding(width, flipSinToCos, (float) freqShift, MAX_PERIOD);
    return numbers
        .graph()
        .scoped(
            scope,
            () -> {
              Value flat = Ops.reshape(numbers, Shape.of(Math.toIntExact(shape.elements())));
              Value encoded = numbers.graph().apply(op, flat);
              return Ops.reshape(encoded, Shape.of(shape.dim(0), encodedWidth(shape)));
            });
  }

  private int encodedWidth(Shape numbers) {
    return Math.toIntExact(numbers.elements() / numbers.dim(0) * width);
  }
}
