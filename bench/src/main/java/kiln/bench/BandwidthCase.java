package kiln.bench;

import java.util.Arrays;
import java.util.List;
import kiln.model.graph.Graph;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.op.Affine;
import kiln.model.op.Binary;
import kiln.model.op.Geglu;
import kiln.model.op.GegluGrad;
import kiln.model.op.GroupNorm;
import kiln.model.op.GroupNormGrad;
import kiln.model.op.LayerNorm;
import kiln.model.op.LayerNormGrad;
import kiln.model.op.Op;
import kiln.model.op.Softmax;
import kiln.model.op.Sum;
import kiln.model.op.Unary;
import kiln.model.op.UnaryGrad;

/**
 * Operations that at best run as fast as memory, in sizes of small diffusion models: a batch of 32, maps of 16x16 with 64
 * channels and of 8x8 with 128. The first is the yardstick: it reads a map and writes one.
 */
public enum BandwidthCase {
  COPY(new Affine(1, 0), map(16, 64)),
  ADD(new Binary(Binary.Kind.ADD), map(16, 64), map(16, 64)),
  ADD_BIAS(new Binary(Binary.Kind.ADD), f32(8192, 64), f32(64)),
  BIAS_GRAD(new Sum(0, 1), f32(8192, 64)),
  SILU(new Unary(Unary.Function.SILU), map(16, 64)),
  SILU_GRAD(new UnaryGrad(Unary.Function.SILU), map(16, 64), map(16, 64)),
  GELU(new Unary(Unary.Function.GELU), map(16, 64)),
  GEGLU(new Geglu(), f32(8192, 512)),
  GEGLU_GRAD(new GegluGrad(), f32(8192, 512), f32(8192, 256)),
  GROUP_NORM_SILU_64(new GroupNorm(32, 1e-5f, true), map(16, 64), f32(64), f32(64)),
  GROUP_NORM_SILU_128(new GroupNorm(32, 1e-5f, true), map(8, 128), f32(128), f32(128)),
  GROUP_NORM_SILU_64_GRAD(
      new GroupNormGrad(32, true), map(16, 64), f32(64), f32(64), f32(32, 32), f32(32, 32), map(16, 64)),
  GROUP_NORM_SILU_128_GRAD(
      new GroupNormGrad(32, true), map(8, 128), f32(128), f32(128), f32(32, 32), f32(32, 32), map(8, 128)),
  LAYER_NORM(new LayerNorm(1e-5f), f32(8192, 64), f32(64), f32(64)),
  LAYER_NORM_GRAD(
      new LayerNormGrad(), f32(8192, 64), f32(64), f32(64), f32(8192, 1), f32(8192, 1), f32(8192, 64)),
  SOFTMAX(new Softmax(false), f32(8192, 64));

  private final Op op;
  private final List<TensorType> inputs;

  BandwidthCase(Op op, TensorType... inputs) {
    this.op = op;
    this.inputs = Arrays.asList(inputs);
  }

  /** Bytes of the inputs and the outputs, each once. */
  long bytes() {
    return inputs.stream().mapToLong(TensorType::bytes).sum() + op.infer(inputs).stream().mapToLong(TensorType::bytes).sum();
  }

  /** Appends the operation, on new inputs, to {@code graph}; returns its outputs. */
  List<Value> trace(Graph graph) {
    return graph.apply(op, inputs.stream().map(type -> graph.input("input", type)).toList());
  }

  private static TensorType f32(int... dims) {
    return TensorType.f32(dims);
  }

  private static TensorType map(int size, int channels) {
    return f32(32, size, size, channels);
  }
}
