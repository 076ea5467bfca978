package kiln.model.op;

import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/** Splits the last axis in halves a, b: a · gelu(b), with the exact GELU (Shazeer 2020, as in Stable Diffusion). */
public record Geglu() implements Op {
  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(1, this, inputs);
    Shape x = inputs.getFirst().shape();
    Check.that(x.last() % 2 == 0, this, inputs, "an even last axis");
    return List.of(inputs.getFirst().with(x.with(-1, x.last() / 2)));
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    Value x = node.input(0);
    return List.of(x.graph().apply(new GegluGrad(), x, outputGradients.getFirst()));
  }
}
