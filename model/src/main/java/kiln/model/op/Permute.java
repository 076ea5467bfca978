package kiln.model.op;

import java.util.List;
import java.util.stream.IntStream;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/** Reorders axes: output axis i is input axis {@code axes.get(i)}. */
public record Permute(List<Integer> axes) implements Op {
  public Permute {
    axes = List.copyOf(axes);
  }

  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(1, this, inputs);
    var x = inputs.getFirst().shape();
    boolean permutation = axes.stream().sorted().toList().equals(IntStream.range(0, x.rank()).boxed().toList());
    Check.that(permutation, this, inputs, "a permutation of the axes");
    return List.of(inputs.getFirst().with(Shape.of(axes.stream().mapToInt(x::dim).toArray())));
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    Integer[] inverse = new Integer[axes.size()];
    for (int i = 0; i < inverse.length; i++) {
      inverse[axes.get(i)] = i;
    }
    return List.of(Ops.permute(outputGradients.getFirst(), inverse));
  }
}
