package kiln.model.plan;

import java.util.Collection;
import kiln.model.graph.Graph;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.Value;
import kiln.model.op.Attention;
import kiln.model.op.AttentionGrad;
import kiln.model.op.Conv2d;
import kiln.model.op.Conv2dInputGrad;
import kiln.model.op.Conv2dWeightGrad;
import kiln.model.op.MatMul;
import kiln.model.op.Op;

/**
 * Floating-point operations of products and convolutions, a multiplication and an addition counting as two. Everything else is
 * left out, as is usual: it is bound by memory, and small.
 */
public final class FlopCount {
  private FlopCount() {}

  /** Of all that {@code outputs} depend on. */
  public static long of(Graph graph, Collection<Value> outputs) {
    return graph.nodesFor(outputs).stream().mapToLong(FlopCount::of).sum();
  }

  /** Of one node. */
  public static long of(Node node) {
    return switch ((Op) node.op()) {
      case Conv2d conv -> convolution(node.output(0).shape(), node.input(1).shape());
      case Conv2dInputGrad grad -> convolution(node.input(0).shape(), node.input(1).shape());
      case Conv2dWeightGrad grad -> convolution(node.input(1).shape(), grad.weight());
      case MatMul product -> {
        Shape a = node.input(0).shape();
        long k = a.dim(product.transposeA() ? -2 : -1);
        yield 2 * node.output(0).shape().elements() * k;
      }
      case Attention attention -> attention(node, 2);
      case AttentionGrad grad -> attention(node, 4);
      default -> 0;
    };
  }

  /** Every element of the output-sized tensor [N, Ho, Wo, out] meets C/groups · kh · kw weights. */
  private static long convolution(Shape output, Shape weight) {
    return 2 * output.elements() * weight.product(1, 4);
  }

  /** As many products of [Lq, Lk] by the head's width, summed over heads and samples. */
  private static long attention(Node node, int products) {
    Shape q = node.input(0).shape(); // [B, Lq, C]
    Shape k = node.input(1).shape(); // [B, Lk, C]
    return 2L * products * q.elements() * k.dim(1);
  }
}
