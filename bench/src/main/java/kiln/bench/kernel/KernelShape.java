package kiln.bench.kernel;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.op.Attention;
import kiln.model.op.AttentionGrad;
import kiln.model.op.Conv2d;
import kiln.model.op.Conv2dInputGrad;
import kiln.model.op.Conv2dWeightGrad;
import kiln.model.op.ConvGeometry;
import kiln.model.op.MatMul;
import kiln.model.op.Op;
import kiln.model.plan.FlopCount;

/**
 * An operation on inputs of some types.
 *
 * @param inputs weights and what is not an activation in float32
 */
record KernelShape(Op op, List<TensorType> inputs) {
  private static final ConvGeometry WINDOW = ConvGeometry.square(1, 1);
  private static final int WIDTH = 3;

  static KernelShape of(Op op, TensorType... inputs) {
    return new KernelShape(op, Arrays.asList(inputs));
  }

  /** 3×3, with bias. */
  static KernelShape conv(DType type, int n, int side, int in, int out) {
    return of(new Conv2d(WINDOW), map(type, n, side, in), f32(out, in, WIDTH, WIDTH), f32(out));
  }

  static KernelShape convInputGrad(DType type, int n, int side, int in, int out) {
    return of(new Conv2dInputGrad(WINDOW, side, side), map(type, n, side, out), f32(out, in, WIDTH, WIDTH));
  }

  static KernelShape convWeightGrad(DType type, int n, int side, int in, int out) {
    Op op = new Conv2dWeightGrad(WINDOW, Shape.of(out, in, WIDTH, WIDTH));
    return of(op, map(type, n, side, in), map(type, n, side, out));
  }

  /** rows of width {@code in} to width {@code out}, with bias. */
  static KernelShape linear(DType type, int rows, int in, int out) {
    return of(new MatMul(false, true), f32(rows, in).with(type), f32(out, in), f32(out));
  }

  static KernelShape linearInputGrad(DType type, int rows, int in, int out) {
    return of(new MatMul(false, false), f32(rows, out).with(type), f32(out, in));
  }

  static KernelShape linearWeightGrad(DType type, int rows, int in, int out) {
    return of(new MatMul(true, false, true), f32(rows, out).with(type), f32(rows, in).with(type));
  }

  static KernelShape attention(DType type, int n, int queries, int keys, int heads, int width) {
    TensorType k = f32(n, keys, heads * width).with(type);
    return of(new Attention(heads, scale(width), false, false), f32(n, queries, heads * width).with(type), k, k);
  }

  static KernelShape attentionGrad(DType type, int n, int queries, int keys, int heads, int width) {
    TensorType q = f32(n, queries, heads * width).with(type);
    TensorType k = f32(n, keys, heads * width).with(type);
    return of(new AttentionGrad(heads, scale(width), false, false), q, k, k, q, f32(n, heads, queries), q);
  }

  private static float scale(int width) {
    return (float) (1 / Math.sqrt(width));
  }

  static TensorType f32(int... dims) {
    return TensorType.f32(dims);
  }

  /** A feature map. */
  static TensorType map(DType type, int n, int side, int channels) {
    return f32(n, side, side, channels).with(type);
  }

  /** Appends the operation, on new inputs, to {@code graph}; returns its outputs. */
  List<Value> trace(Graph graph) {
    return graph.apply(op, inputs.stream().map(type -> graph.input("input", type)).toList());
  }

  /** Of its products, two for a multiplication and an addition; 0 if it has none. */
  long flops() {
    Graph graph = new Graph();
    return FlopCount.of(graph, trace(graph));
  }

  /** Of the inputs and the outputs, each once. */
  long bytes() {
    return inputs.stream().mapToLong(TensorType::bytes).sum() + op.infer(inputs).stream().mapToLong(TensorType::bytes).sum();
  }

  /** What the activations are. */
  DType type() {
    return inputs.getFirst().dtype();
  }

  /** The types of the inputs that are no vectors, as in {@code f32[512, 256] f32[256, 256]}. */
  @Override
  public String toString() {
    return inputs.stream().filter(type -> type.shape().rank() > 1).limit(2).map(TensorType::toString)
        .collect(Collectors.joining(" "));
  }
}
