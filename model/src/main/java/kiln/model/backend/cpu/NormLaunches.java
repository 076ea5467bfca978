package kiln.model.backend.cpu;

import static kiln.model.graph.DType.BF16;
import static kiln.model.graph.DType.F32;

import java.util.List;
import kiln.bindings.NormKernels;
import kiln.model.graph.Shape;
import kiln.model.op.GroupNorm;
import kiln.model.op.GroupNormGrad;
import kiln.model.op.LayerNorm;
import kiln.model.op.LayerNormGrad;
import kiln.model.op.RmsNorm;
import kiln.model.op.RmsNormGrad;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/** Launches of the normalisations. */
final class NormLaunches {
  private NormLaunches() {}

  static Launch groupNorm(GroupNorm op, List<Buffer> in, List<Buffer> out) {
    int bf16 = NativeKernels.requireActivations(op, in, BF16, F32, F32);
    Buffer x = in.get(0);
    Buffer weight = in.get(1);
    Buffer bias = in.get(2);
    Buffer y = out.get(0);
    Buffer mean = out.get(1);
    Buffer rstd = out.get(2);
    Shape shape = x.type().shape();
    long n = shape.dim(0);
    long s = shape.product(1, shape.rank() - 1);
    long c = shape.last();
    long groups = op.numGroups();
    float epsilon = op.epsilon();
    int silu = op.silu() ? 1 : 0;
    return () ->
        NormKernels.groupNorm(
            bf16, x.segment(), weight.segment(), bias.segment(), y.segment(), mean.segment(), rstd.segment(),
            n, s, c, groups, epsilon, silu);
  }

  static Launch groupNormGrad(GroupNormGrad op, List<Buffer> in, List<Buffer> out, Scratch scratch) {
    int bf16 = NativeKernels.requireActivations(op, in, BF16, F32, F32, F32, F32, BF16);
    Buffer x = in.get(0);
    Buffer weight = in.get(1);
    Buffer bias = in.get(2);
    Buffer mean = in.get(3);
    Buffer rstd = in.get(4);
    Buffer dy = in.get(5);
    Buffer dx = out.get(0);
    Buffer dweight = out.get(1);
    Buffer dbias = out.get(2);
    Shape shape = x.type().shape();
    long n = shape.dim(0);
    long s = shape.product(1, shape.rank() - 1);
    long c = shape.last();
    long groups = op.numGroups();
    int silu = op.silu() ? 1 : 0;
    Buffer partial = scratch.reserve(n * 2 * c * Double.BYTES);
    return () ->
        NormKernels.groupNormGrad(
            bf16, x.segment(), weight.segment(), bias.segment(), mean.segment(), rstd.segment(), dy.segment(),
            dx.segment(), dweight.segment(), dbias.segment(), partial.segment(), n, s, c, groups, silu);
  }

  static Launch layerNorm(LayerNorm op, List<Buffer> in, List<Buffer> out) {
    int bf16 = NativeKernels.requireActivations(op, in, BF16, F32, F32);
    Buffer x = in.get(0);
    Buffer weight = in.get(1);
    Buffer bias = in.get(2);
    Buffer y = out.get(0);
    Buffer mean = out.get(1);
    Buffer rstd = out.get(2);
    long c = x.type().shape().last();
    long rows = numRows(x);
    float epsilon = op.epsilon();
    return () ->
        NormKernels.layerNorm(
            bf16, x.segment(), weight.segment(), bias.segment(), y.segment(), mean.segment(), rstd.segment(), rows, c,
            epsilon);
  }

  static Launch layerNormGrad(LayerNormGrad op, List<Buffer> in, List<Buffer> out, Scratch scratch) {
    int bf16 = NativeKernels.requireActivations(op, in, BF16, F32, F32, F32, F32, BF16);
    Buffer x = in.get(0);
    Buffer weight = in.get(1);
    Buffer mean = in.get(3);
    Buffer rstd = in.get(4);
    Buffer dy = in.get(5);
    Buffer dx = out.get(0);
    Buffer dweight = out.get(1);
    Buffer dbias = out.get(2);
    long c = x.type().shape().last();
    long rows = numRows(x);
    Buffer partial = scratch.reserve(numPartials(rows) * 2 * c * Float.BYTES);
    return () ->
        NormKernels.layerNormGrad(
            bf16, x.segment(), weight.segment(), mean.segment(), rstd.segment(), dy.segment(),
            dx.segment(), dweight.segment(), dbias.segment(), partial.segment(), rows, c);
  }

  static Launch rmsNorm(RmsNorm op, List<Buffer> in, List<Buffer> out) {
    int bf16 = NativeKernels.requireActivations(op, in, BF16, F32);
    Buffer x = in.get(0);
    Buffer weight = in.get(1);
    Buffer y = out.get(0);
    Buffer rstd = out.get(1);
    long c = x.type().shape().last();
    long rows = numRows(x);
    float epsilon = op.epsilon();
    return () -> NormKernels.rmsNorm(bf16, x.segment(), weight.segment(), y.segment(), rstd.segment(), rows, c, epsilon);
  }

  static Launch rmsNormGrad(RmsNormGrad op, List<Buffer> in, List<Buffer> out, Scratch scratch) {
    int bf16 = NativeKernels.requireActivations(op, in, BF16, F32, F32, BF16);
    Buffer x = in.get(0);
    Buffer weight = in.get(1);
    Buffer rstd = in.get(2);
    Buffer dy = in.get(3);
    Buffer dx = out.get(0);
    Buffer dweight = out.get(1);
    long c = x.type().shape().last();
    long rows = numRows(x);
    Buffer partial = scratch.reserve(numPartials(rows) * c * Float.BYTES);
    return () ->
        NormKernels.rmsNormGrad(
            bf16, x.segment(), weight.segment(), rstd.segment(), dy.segment(), dx.segment(), dweight.segment(),
            partial.segment(), rows, c);
  }

  private static long numRows(Buffer x) {
    return x.type().shape().product(0, x.type().shape().rank() - 1);
  }

  private static long numPartials(long rows) {
    return Math.ceilDiv(rows, NormKernels.ROWS_PER_PARTIAL);
  }
}
