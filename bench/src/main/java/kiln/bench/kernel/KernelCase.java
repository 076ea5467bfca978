package kiln.bench.kernel;

import static kiln.bench.kernel.KernelShape.attention;
import static kiln.bench.kernel.KernelShape.attentionGrad;
import static kiln.bench.kernel.KernelShape.conv;
import static kiln.bench.kernel.KernelShape.convInputGrad;
import static kiln.bench.kernel.KernelShape.convWeightGrad;
import static kiln.bench.kernel.KernelShape.f32;
import static kiln.bench.kernel.KernelShape.linear;
import static kiln.bench.kernel.KernelShape.linearInputGrad;
import static kiln.bench.kernel.KernelShape.linearWeightGrad;
import static kiln.bench.kernel.KernelShape.map;
import static kiln.model.graph.DType.BF16;
import static kiln.model.graph.DType.F32;

import java.util.Arrays;
import java.util.List;
import kiln.model.op.Affine;
import kiln.model.op.Binary;
import kiln.model.op.Geglu;
import kiln.model.op.GegluGrad;
import kiln.model.op.GroupNorm;
import kiln.model.op.GroupNormGrad;
import kiln.model.op.LayerNorm;
import kiln.model.op.LayerNormGrad;
import kiln.model.op.Softmax;
import kiln.model.op.Sum;
import kiln.model.op.Unary;
import kiln.model.op.UnaryGrad;

/**
 * Operations in sizes of small diffusion models (a batch of 32, maps of 16×16 with 64 channels), and of Stable Diffusion 2's UNet
 * on one picture: maps of 64×64, 16×16 and 8×8 latent pixels, where weights are larger than maps, and products of few rows. Then
 * operations that at best run as fast as memory; COPY, which reads a map and writes one, is their yardstick.
 */
public enum KernelCase {
  CONV64(conv(F32, 32, 16, 64, 64), conv(F32, 1, 16, 64, 64), true),
  CONV64_INPUT_GRAD(convInputGrad(F32, 32, 16, 64, 64), convInputGrad(F32, 1, 16, 64, 64), true),
  CONV64_WEIGHT_GRAD(convWeightGrad(F32, 32, 16, 64, 64), convWeightGrad(F32, 1, 16, 64, 64), true),
  CONV_IN(conv(F32, 32, 16, 4, 64), conv(F32, 8, 16, 4, 64), false),
  CONV_OUT(conv(F32, 32, 16, 64, 4), conv(F32, 8, 16, 64, 4), false),
  LARGE_MAP(conv(F32, 1, 64, 128, 128), conv(F32, 1, 16, 64, 64), false),
  LARGE_MAP_BF16(conv(BF16, 1, 64, 128, 128), conv(BF16, 1, 16, 64, 64), true),
  MIDDLE_BF16(conv(BF16, 1, 16, 640, 640), conv(BF16, 1, 16, 64, 64), false),
  MIDDLE_INPUT_GRAD_BF16(convInputGrad(BF16, 1, 16, 640, 640), convInputGrad(BF16, 1, 16, 64, 64), false),
  MIDDLE_WEIGHT_GRAD_BF16(convWeightGrad(BF16, 1, 16, 640, 640), convWeightGrad(BF16, 1, 16, 64, 64), false),
  WIDE(conv(F32, 1, 8, 1280, 1280), conv(F32, 1, 8, 128, 128), false),
  WIDE_INPUT_GRAD(convInputGrad(F32, 1, 8, 1280, 1280), convInputGrad(F32, 1, 8, 128, 128), false),
  WIDE_WEIGHT_GRAD(convWeightGrad(F32, 1, 8, 1280, 1280), convWeightGrad(F32, 1, 8, 128, 128), false),
  WIDE_BF16(conv(BF16, 1, 8, 1280, 1280), conv(BF16, 1, 8, 128, 128), false),
  LINEAR(linear(F32, 512, 256, 256), linear(F32, 128, 256, 256), true),
  LINEAR_INPUT_GRAD(linearInputGrad(F32, 512, 256, 256), linearInputGrad(F32, 128, 256, 256), false),
  LINEAR_WEIGHT_GRAD(linearWeightGrad(F32, 512, 256, 256), linearWeightGrad(F32, 128, 256, 256), true),
  LINEAR_BF16(linear(BF16, 512, 256, 256), linear(BF16, 128, 256, 256), true),
  LINEAR_WEIGHT_GRAD_BF16(linearWeightGrad(BF16, 512, 256, 256), linearWeightGrad(BF16, 128, 256, 256), false),
  TALL(linear(F32, 8192, 64, 64), linear(F32, 512, 64, 64), false),
  TALL_WEIGHT_GRAD(linearWeightGrad(F32, 8192, 64, 64), linearWeightGrad(F32, 512, 64, 64), false),
  FEW_ROWS(linear(F32, 64, 5120, 1280), linear(F32, 64, 256, 256), false),
  FEW_ROWS_BF16(linear(BF16, 64, 5120, 1280), linear(BF16, 64, 256, 256), false),
  CROSS_ATTENTION(attention(F32, 32, 256, 64, 4, 16), attention(F32, 2, 256, 64, 4, 16), false),
  CROSS_ATTENTION_GRAD(attentionGrad(F32, 32, 256, 64, 4, 16), attentionGrad(F32, 2, 256, 64, 4, 16), false),
  ATTENTION(attention(F32, 1, 4096, 4096, 2, 64), attention(F32, 1, 256, 256, 2, 64), true),
  ATTENTION_GRAD(attentionGrad(F32, 1, 4096, 4096, 2, 64), attentionGrad(F32, 1, 256, 256, 2, 64), true),
  ATTENTION_BF16(attention(BF16, 1, 4096, 4096, 2, 64), attention(BF16, 1, 256, 256, 2, 64), true),

  COPY(KernelShape.of(new Affine(1, 0), map(F32, 32, 16, 64)), null, true),
  ADD(KernelShape.of(new Binary(Binary.Kind.ADD), map(F32, 32, 16, 64), map(F32, 32, 16, 64)), null, false),
  ADD_BIAS(KernelShape.of(new Binary(Binary.Kind.ADD), f32(8192, 64), f32(64)), null, false),
  BIAS_GRAD(KernelShape.of(new Sum(0, 1), f32(8192, 64)), null, false),
  SILU(KernelShape.of(new Unary(Unary.Function.SILU), map(F32, 32, 16, 64)), null, false),
  SILU_GRAD(KernelShape.of(new UnaryGrad(Unary.Function.SILU), map(F32, 32, 16, 64), map(F32, 32, 16, 64)), null, false),
  GELU(KernelShape.of(new Unary(Unary.Function.GELU), map(F32, 32, 16, 64)), null, false),
  GEGLU(KernelShape.of(new Geglu(), f32(8192, 512)), null, false),
  GEGLU_GRAD(KernelShape.of(new GegluGrad(), f32(8192, 512), f32(8192, 256)), null, false),
  GROUP_NORM_SILU(KernelShape.of(new GroupNorm(32, 1e-5f, true), map(F32, 32, 16, 64), f32(64), f32(64)), null, true),
  GROUP_NORM_SILU_GRAD(
      KernelShape.of(
          new GroupNormGrad(32, true), map(F32, 32, 16, 64), f32(64), f32(64), f32(32, 32), f32(32, 32), map(F32, 32, 16, 64)),
      null,
      false),
  LAYER_NORM(KernelShape.of(new LayerNorm(1e-5f), f32(8192, 64), f32(64), f32(64)), null, true),
  LAYER_NORM_GRAD(
      KernelShape.of(new LayerNormGrad(), f32(8192, 64), f32(64), f32(64), f32(8192, 1), f32(8192, 1), f32(8192, 64)),
      null,
      false),
  SOFTMAX(KernelShape.of(new Softmax(false), f32(8192, 64)), null, true);

  private final KernelShape shape;
  private final KernelShape small; // null if the reference is fast enough
  private final boolean usual;

  /**
   * @param small what the reference implementation computes instead, because it would take seconds; or null
   * @param usual whether it is measured if nobody names cases
   */
  KernelCase(KernelShape shape, KernelShape small, boolean usual) {
    this.shape = shape;
    this.small = small;
    this.usual = usual;
  }

  KernelShape shape() {
    return shape;
  }

  /** What the reference implementation computes. */
  KernelShape small() {
    return small == null ? shape : small;
  }

  boolean hasSmall() {
    return small != null;
  }

  /** Whether products take its time, and not memory. */
  boolean multiplies() {
    return shape.flops() > 0;
  }

  /** Floating-point operations if it multiplies, else bytes. */
  static double work(KernelShape shape) {
    return shape.flops() > 0 ? shape.flops() : shape.bytes();
  }

  /** A selection that shows every kind. */
  static List<KernelCase> usual() {
    return Arrays.stream(values()).filter(c -> c.usual).toList();
  }
}
