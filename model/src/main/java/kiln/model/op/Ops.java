package kiln.model.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kiln.model.graph.DType;
import kiln.model.graph.Node;
import kiln.model.graph.Shape;
import kiln.model.graph.Value;

/** Short names for tracing: {@code add(conv2d(x, w, b, geometry), y)} instead of records and graphs. */
public final class Ops {
  private Ops() {}

  public static Value add(Value a, Value b) {
    return a.graph().apply(new Binary(Binary.Kind.ADD), a, b);
  }

  public static Value sub(Value a, Value b) {
    return a.graph().apply(new Binary(Binary.Kind.SUB), a, b);
  }

  public static Value mul(Value a, Value b) {
    return a.graph().apply(new Binary(Binary.Kind.MUL), a, b);
  }

  public static Value scale(Value x, float factor) {
    return affine(x, factor, 0);
  }

  public static Value affine(Value x, float scale, float shift) {
    return x.graph().apply(new Affine(scale, shift), x);
  }

  /** {@code x} itself if it has the type already. */
  public static Value cast(Value x, DType to) {
    return x.type().dtype() == to ? x : x.graph().apply(new Cast(to), x);
  }

  public static Value unary(Unary.Function function, Value x) {
    return x.graph().apply(new Unary(function), x);
  }

  public static Value silu(Value x) {
    return unary(Unary.Function.SILU, x);
  }

  public static Value reshape(Value x, Shape shape) {
    return x.shape().equals(shape) ? x : x.graph().apply(new Reshape(shape), x);
  }

  public static Value permute(Value x, Integer... axes) {
    return x.graph().apply(new Permute(List.of(axes)), x);
  }

  public static Value slice(Value x, int axis, int start, int length) {
    return x.graph().apply(new Slice(axis, start, length), x);
  }

  public static Value concat(int axis, Value... parts) {
    return parts[0].graph().apply(new Concat(axis), parts);
  }

  public static Value sum(Value x, int firstAxis, int endAxis) {
    return x.graph().apply(new Sum(firstAxis, endAxis), x);
  }

  /** Sums {@code x}, in float32, down to {@code shape}: the reverse of broadcasting, over any set of axes. */
  public static Value sumTo(Value x, Shape shape) {
    Shape from = x.shape();
    int missing = from.rank() - shape.rank();
    Value result = x;
    for (int axis = 0; axis < from.rank(); ) {
      if (!repeated(from, shape, axis - missing, axis)) {
        axis++;
        continue;
      }
      int end = axis + 1;
      while (end < from.rank() && repeated(from, shape, end - missing, end)) {
        end++;
      }
      result = sum(result, axis, end);
      axis = end;
    }
    return reshape(result, shape);
  }

  private static boolean repeated(Shape from, Shape to, int toAxis, int axis) {
    return from.dim(axis) != 1 && (toAxis < 0 || to.dim(toAxis) == 1);
  }

  public static Value matMul(Value a, Value b, boolean transposeA, boolean transposeB) {
    return a.graph().apply(new MatMul(transposeA, transposeB), a, b);
  }

  /** x·weightᵀ + bias over the last axis. x […, in], weight [out, in], bias [out] or null. */
  public static Value linear(Value x, Value weight, Value bias) {
    Shape shape = x.shape();
    Value rows = reshape(x, Shape.of(Math.toIntExact(shape.product(0, shape.rank() - 1)), shape.last()));
    MatMul product = new MatMul(false, true);
    Value y = bias == null ? x.graph().apply(product, rows, weight) : x.graph().apply(product, rows, weight, bias);
    return reshape(y, shape.with(-1, weight.shape().dim(0)));
  }

  /** Convolution; {@code bias} may be null. */
  public static Value conv2d(Value x, Value weight, Value bias, ConvGeometry geometry) {
    Conv2d op = new Conv2d(geometry);
    return bias == null ? x.graph().apply(op, x, weight) : x.graph().apply(op, x, weight, bias);
  }

  /**
   * Transposed convolution: weight [in, out/groups, kh, kw]; {@code geometry} is that of the convolution that it transposes.
   */
  public static Value convTranspose2d(Value x, Value weight, Value bias, ConvGeometry geometry, int height, int width) {
    Value y = x.graph().apply(new Conv2dInputGrad(geometry, height, width), x, weight);
    return bias == null ? y : add(y, bias);
  }

  /** Attention; {@code bias} and {@code mask} may be null. */
  public static Value attention(Value q, Value k, Value v, int numHeads, float scale, Value bias, Value mask) {
    List<Value> inputs = new ArrayList<>(List.of(q, k, v));
    if (bias != null) {
      inputs.add(bias);
    }
    if (mask != null) {
      inputs.add(mask);
    }
    return q.graph().apply(new Attention(numHeads, scale, bias != null, mask != null), inputs).getFirst();
  }

  /** Applies the gradient of a normalisation to (its inputs, its statistics, dy). */
  static List<Value> normGradient(Op grad, Node node, Value dy) {
    List<Value> inputs = new ArrayList<>(node.inputs());
    inputs.addAll(node.outputs().subList(1, node.outputs().size()));
    inputs.add(dy);
    return dy.graph().apply(grad, inputs);
  }
}
