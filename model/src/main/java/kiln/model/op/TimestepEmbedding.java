package kiln.model.op;

import java.util.List;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;

/**
 * Sinusoidal embedding (Ho et al. 2020): angles t·exp(−ln(maxPeriod)·i/(half − frequencyShift)), i in [0, half), in float32;
 * [sin, cos], or [cos, sin] if {@code flipSinToCos}; an odd {@code dim} ends with a zero. Input: t [N] (int32 or float32).
 */
public record TimestepEmbedding(int dim, boolean flipSinToCos, float frequencyShift, float maxPeriod) implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(1, this, inputs);
    Shape t = inputs.getFirst().shape();
    Check.that(t.rank() == 1, this, inputs, "timesteps [N]");
    return List.of(TensorType.f32(t.dim(0), dim));
  }

  @Override
  public List<kiln.model.graph.Value> gradient(kiln.model.graph.Node node, List<kiln.model.graph.Value> outputGradients) {
    return Op.onlyFirst(node, null);
  }
}
