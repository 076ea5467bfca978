package kiln.model.op;

import java.util.List;
import kiln.model.graph.Node;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;

/**
 * Elementwise a ∘ b, both of one type; b is broadcast to the shape of a over one contiguous run of axes (see {@link Span#broadcast}).
 */
public record Binary(Kind kind) implements Op {
  /** Which function. */
  public enum Kind {
    ADD,
    SUB,
    MUL
  }

  @Override
  public List<TensorType> infer(List<TensorType> inputs) {
    Check.count(2, this, inputs);
    Check.sameFloat(this, inputs);
    Span.broadcast(inputs.get(1).shape(), inputs.get(0).shape());
    return List.of(inputs.getFirst());
  }

  @Override
  public List<Value> gradient(Node node, List<Value> outputGradients) {
    Value dy = outputGradients.getFirst();
    Value a = node.input(0);
    Value b = node.input(1);
    return switch (kind) {
      case ADD -> List.of(dy, Ops.sumTo(dy, b.shape()));
      case SUB -> List.of(dy, Ops.scale(Ops.sumTo(dy, b.shape()), -1));
      case MUL -> List.of(Ops.mul(dy, b), Ops.sumTo(Ops.mul(dy, a), b.shape()));
    };
  }
}
