package kiln.bench;

import java.util.Arrays;
import java.util.List;
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

/**
 * Operations in sizes of small diffusion models: a batch of 32, maps of 16x16 with 64 channels and of 8x8 with 128, the first
 * and last convolution of a UNet on 4 latent channels, linear layers, and attention of 256 places to 64 bytes and to
 * themselves, with 4 heads of 16. Then the convolutions of Stable Diffusion 2's UNet where its weights are larger than its maps,
 * one picture of 8x8 and 16x16 latent pixels, and products of such few rows.
 */
public enum KernelCase {
  CONV64_FORWARD(conv(16, 64, 64), new Conv2d(window()), f32(32, 16, 16, 64), f32(64, 64, 3, 3), f32(64)),
  CONV64_INPUT_GRAD(conv(16, 64, 64), inputGrad(16), f32(32, 16, 16, 64), f32(64, 64, 3, 3)),
  CONV64_WEIGHT_GRAD(conv(16, 64, 64), weightGrad(64, 64), f32(32, 16, 16, 64), f32(32, 16, 16, 64)),
  CONV128_FORWARD(conv(8, 128, 128), new Conv2d(window()), f32(32, 8, 8, 128), f32(128, 128, 3, 3), f32(128)),
  CONV128_INPUT_GRAD(conv(8, 128, 128), inputGrad(8), f32(32, 8, 8, 128), f32(128, 128, 3, 3)),
  CONV128_WEIGHT_GRAD(conv(8, 128, 128), weightGrad(128, 128), f32(32, 8, 8, 128), f32(32, 8, 8, 128)),
  CONV_IN_FORWARD(conv(16, 4, 64), new Conv2d(window()), f32(32, 16, 16, 4), f32(64, 4, 3, 3), f32(64)),
  CONV_IN_WEIGHT_GRAD(conv(16, 4, 64), weightGrad(64, 4), f32(32, 16, 16, 4), f32(32, 16, 16, 64)),
  CONV_OUT_FORWARD(conv(16, 64, 4), new Conv2d(window()), f32(32, 16, 16, 64), f32(4, 64, 3, 3), f32(4)),
  CONV_OUT_INPUT_GRAD(conv(16, 64, 4), inputGrad(16), f32(32, 16, 16, 4), f32(4, 64, 3, 3)),
  CONV_OUT_WEIGHT_GRAD(conv(16, 64, 4), weightGrad(4, 64), f32(32, 16, 16, 64), f32(32, 16, 16, 4)),
  LINEAR_FORWARD(2L * 512 * 256 * 256, new MatMul(false, true), f32(512, 256), f32(256, 256), f32(256)),
  LINEAR_INPUT_GRAD(2L * 512 * 256 * 256, new MatMul(false, false), f32(512, 256), f32(256, 256)),
  LINEAR_WEIGHT_GRAD(2L * 512 * 256 * 256, new MatMul(true, false), f32(512, 256), f32(512, 256)),
  TALL_FORWARD(2L * 8192 * 64 * 64, new MatMul(false, true), f32(8192, 64), f32(64, 64), f32(64)),
  TALL_WEIGHT_GRAD(2L * 8192 * 64 * 64, new MatMul(true, false), f32(8192, 64), f32(8192, 64)),
  WIDE_FORWARD(conv(8, 1280, 1280) / 32, new Conv2d(window()), f32(1, 8, 8, 1280), f32(1280, 1280, 3, 3), f32(1280)),
  WIDE_INPUT_GRAD(conv(8, 1280, 1280) / 32, inputGrad(8), f32(1, 8, 8, 1280), f32(1280, 1280, 3, 3)),
  WIDE_WEIGHT_GRAD(conv(8, 1280, 1280) / 32, weightGrad(1280, 1280), f32(1, 8, 8, 1280), f32(1, 8, 8, 1280)),
  WIDE_FORWARD_BF16(conv(8, 1280, 1280) / 32, new Conv2d(window()), bf16(1, 8, 8, 1280), f32(1280, 1280, 3, 3)),
  MIDDLE_FORWARD(conv(16, 640, 640) / 32, new Conv2d(window()), f32(1, 16, 16, 640), f32(640, 640, 3, 3), f32(640)),
  MIDDLE_FORWARD_BF16(conv(16, 640, 640) / 32, new Conv2d(window()), bf16(1, 16, 16, 640), f32(640, 640, 3, 3)),
  MIDDLE_INPUT_GRAD_BF16(conv(16, 640, 640) / 32, inputGrad(16), bf16(1, 16, 16, 640), f32(640, 640, 3, 3)),
  MIDDLE_WEIGHT_GRAD_BF16(conv(16, 640, 640) / 32, weightGrad(640, 640), bf16(1, 16, 16, 640), bf16(1, 16, 16, 640)),
  FEW_ROWS_FORWARD(2L * 64 * 1280 * 5120, new MatMul(false, true), f32(64, 5120), f32(1280, 5120), f32(1280)),
  FEW_ROWS_FORWARD_BF16(2L * 64 * 1280 * 5120, new MatMul(false, true), bf16(64, 5120), f32(1280, 5120), f32(1280)),
  LINEAR_FORWARD_BF16(2L * 512 * 256 * 256, new MatMul(false, true), bf16(512, 256), f32(256, 256), f32(256)),
  LINEAR_WEIGHT_GRAD_BF16(2L * 512 * 256 * 256, new MatMul(true, false, true), bf16(512, 256), bf16(512, 256)),
  CROSS_ATTENTION_FORWARD(
      attention(2), new Attention(4, 0.25f, false, false), f32(32, 256, 64), f32(32, 64, 64), f32(32, 64, 64)),
  CROSS_ATTENTION_GRAD(
      attention(4),
      new AttentionGrad(4, 0.25f, false, false),
      f32(32, 256, 64),
      f32(32, 64, 64),
      f32(32, 64, 64),
      f32(32, 256, 64),
      f32(32, 4, 256),
      f32(32, 256, 64)),
  SELF_ATTENTION_FORWARD(
      4 * attention(2), new Attention(4, 0.25f, false, false), f32(32, 256, 64), f32(32, 256, 64), f32(32, 256, 64)),
  SELF_ATTENTION_GRAD(
      4 * attention(4),
      new AttentionGrad(4, 0.25f, false, false),
      f32(32, 256, 64),
      f32(32, 256, 64),
      f32(32, 256, 64),
      f32(32, 256, 64),
      f32(32, 4, 256),
      f32(32, 256, 64));

  private final long flops;
  private final Op op;
  private final List<TensorType> inputs;

  KernelCase(long flops, Op op, TensorType... inputs) {
    this.flops = flops;
    this.op = op;
    this.inputs = Arrays.asList(inputs);
  }

  /** Floating-point operations of its products, two for a multiplication and an addition. */
  long flops() {
    return flops;
  }

  /** Appends the operation, on new inputs, to {@code graph}; returns its outputs. */
  List<Value> trace(Graph graph) {
    return graph.apply(op, inputs.stream().map(type -> graph.input("input", type)).toList());
  }

  private static TensorType f32(int... dims) {
    return TensorType.f32(dims);
  }

  private static TensorType bf16(int... dims) {
    return TensorType.f32(dims).with(DType.BF16);
  }

  /** Of a batch of 32. */
  private static long conv(int size, int in, int out) {
    return 2L * 32 * size * size * in * out * 9;
  }

  private static long attention(int products) {
    return products * 2L * 32 * 256 * 64 * 64;
  }

  private static ConvGeometry window() {
    return ConvGeometry.square(1, 1);
  }

  private static Op inputGrad(int size) {
    return new Conv2dInputGrad(window(), size, size);
  }

  private static Op weightGrad(int out, int in) {
    return new Conv2dWeightGrad(window(), Shape.of(out, in, 3, 3));
  }
}
