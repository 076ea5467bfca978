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

import kiln.model.op.Affine;
import kiln.model.op.Binary;
import kiln.model.op.Geglu;
import kiln.model.op.GegluGrad;
import kiln.model.op.GroupNorm;
import kiln.model.op.GroupNormGrad;
import kiln.model.op.LayerNorm;
import kiln.model.op.LayerNormGrad;
import kiln.model.op.Unary;
import kiln.model.op.UnaryGrad;

/**
 * Operations of Stable Diffusion 2's UNet in bfloat16, on 32 samples of 64×64 latent pixels with 128 tokens: too large for
 * caches. COPY, which reads a map and writes one, is the yardstick of those that at best run as fast as memory.
 */
enum GpuKernelCase {
  CONV_64(conv(BF16, 32, 64, 320, 320)),
  CONV_64_INPUT_GRAD(convInputGrad(BF16, 32, 64, 320, 320)),
  CONV_64_WEIGHT_GRAD(convWeightGrad(BF16, 32, 64, 320, 320)),
  CONV_32(conv(BF16, 32, 32, 640, 640)),
  CONV_32_INPUT_GRAD(convInputGrad(BF16, 32, 32, 640, 640)),
  CONV_32_WEIGHT_GRAD(convWeightGrad(BF16, 32, 32, 640, 640)),
  CONV_16(conv(BF16, 32, 16, 1280, 1280)),
  CONV_16_INPUT_GRAD(convInputGrad(BF16, 32, 16, 1280, 1280)),
  CONV_16_WEIGHT_GRAD(convWeightGrad(BF16, 32, 16, 1280, 1280)),
  CONV_8(conv(BF16, 32, 8, 1280, 1280)),
  CONV_IN(conv(BF16, 32, 64, 4, 320)),
  CONV_OUT(conv(BF16, 32, 64, 320, 4)),
  LINEAR(linear(BF16, 131072, 320, 320)),
  LINEAR_WIDE(linear(BF16, 131072, 320, 2560)),
  LINEAR_WIDE_INPUT_GRAD(linearInputGrad(BF16, 131072, 320, 2560)),
  LINEAR_WIDE_WEIGHT_GRAD(linearWeightGrad(BF16, 131072, 320, 2560)),
  LINEAR_DEEP(linear(BF16, 8192, 5120, 1280)),
  ATTENTION(attention(BF16, 32, 4096, 4096, 5, 64)),
  ATTENTION_GRAD(attentionGrad(BF16, 32, 4096, 4096, 5, 64)),
  CROSS_ATTENTION(attention(BF16, 32, 4096, 128, 5, 64)),
  CROSS_ATTENTION_GRAD(attentionGrad(BF16, 32, 4096, 128, 5, 64)),

  COPY(KernelShape.of(new Affine(1, 0), map(BF16, 32, 64, 320))),
  ADD(KernelShape.of(new Binary(Binary.Kind.ADD), map(BF16, 32, 64, 320), map(BF16, 32, 64, 320))),
  SILU(KernelShape.of(new Unary(Unary.Function.SILU), map(BF16, 32, 64, 320))),
  SILU_GRAD(KernelShape.of(new UnaryGrad(Unary.Function.SILU), map(BF16, 32, 64, 320), map(BF16, 32, 64, 320))),
  GEGLU(KernelShape.of(new Geglu(), f32(131072, 2560).with(BF16))),
  GEGLU_GRAD(KernelShape.of(new GegluGrad(), f32(131072, 2560).with(BF16), f32(131072, 1280).with(BF16))),
  GROUP_NORM_SILU(KernelShape.of(new GroupNorm(32, 1e-5f, true), map(BF16, 32, 64, 320), f32(320), f32(320))),
  GROUP_NORM_SILU_GRAD(
      KernelShape.of(
          new GroupNormGrad(32, true), map(BF16, 32, 64, 320), f32(320), f32(320), f32(32, 32), f32(32, 32),
          map(BF16, 32, 64, 320))),
  LAYER_NORM(KernelShape.of(new LayerNorm(1e-5f), f32(131072, 320).with(BF16), f32(320), f32(320))),
  LAYER_NORM_GRAD(
      KernelShape.of(
          new LayerNormGrad(), f32(131072, 320).with(BF16), f32(320), f32(320), f32(131072, 1), f32(131072, 1),
          f32(131072, 320).with(BF16)));

  private final KernelShape shape;

  GpuKernelCase(KernelShape shape) {
    this.shape = shape;
  }

  KernelShape shape() {
    return shape;
  }
}
