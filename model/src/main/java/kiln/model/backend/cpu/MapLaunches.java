package kiln.model.backend.cpu;

import static kiln.model.graph.DType.BF16;
import static kiln.model.graph.DType.F32;

import java.util.List;
import kiln.bindings.MapKernels;
import kiln.model.graph.Shape;
import kiln.model.op.AvgPool2d;
import kiln.model.op.AvgPool2dGrad;
import kiln.model.op.TimestepEmbedding;
import kiln.model.op.UpsampleNearest;
import kiln.model.op.UpsampleNearestGrad;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;

/** Launches of the kernels for feature maps [N, H, W, C] and timesteps. */
final class MapLaunches {
  private MapLaunches() {}

  static Launch upsampleNearest(UpsampleNearest op, List<Buffer> in, List<Buffer> out) {
    int bf16 = NativeKernels.requireActivations(op, in, BF16);
    Buffer x = in.getFirst();
    Buffer y = out.getFirst();
    Shape small = x.type().shape();
    long n = small.dim(0);
    long h = small.dim(1);
    long w = small.dim(2);
    long c = small.dim(3);
    long height = op.height();
    long width = op.width();
    return () -> MapKernels.upsampleNearest(bf16, x.segment(), y.segment(), n, h, w, height, width, c);
  }

  static Launch upsampleNearestGrad(UpsampleNearestGrad op, List<Buffer> in, List<Buffer> out) {
    int bf16 = NativeKernels.requireActivations(op, in, BF16);
    Buffer dy = in.getFirst();
    Buffer dx = out.getFirst();
    Shape large = dy.type().shape();
    long n = large.dim(0);
    long height = large.dim(1);
    long width = large.dim(2);
    long c = large.dim(3);
    long h = op.height();
    long w = op.width();
    return () -> MapKernels.upsampleNearestGrad(bf16, dy.segment(), dx.segment(), n, h, w, height, width, c);
  }

  static Launch avgPool2d(AvgPool2d op, List<Buffer> in, List<Buffer> out) {
    NativeKernels.require(op, in, F32);
    Buffer x = in.getFirst();
    Buffer y = out.getFirst();
    Shape large = x.type().shape();
    Shape small = y.type().shape();
    long n = large.dim(0);
    long h = large.dim(1);
    long w = large.dim(2);
    long c = large.dim(3);
    long height = small.dim(1);
    long width = small.dim(2);
    long kernel = op.kernel();
    long stride = op.stride();
    return () -> MapKernels.avgPool2d(x.segment(), y.segment(), n, h, w, height, width, c, kernel, stride);
  }

  static Launch avgPool2dGrad(AvgPool2dGrad op, List<Buffer> in, List<Buffer> out) {
    NativeKernels.require(op, in, F32);
    Buffer dy = in.getFirst();
    Buffer dx = out.getFirst();
    Shape small = dy.type().shape();
    long n = small.dim(0);
    long height = small.dim(1);
    long width = small.dim(2);
    long c = small.dim(3);
    long h = op.height();
    long w = op.width();
    long kernel = op.kernel();
    long stride = op.stride();
    return () -> MapKernels.avgPool2dGrad(dy.segment(), dx.segment(), n, h, w, height, width, c, kernel, stride);
  }

  static Launch timestepEmbedding(TimestepEmbedding op, List<Buffer> in, List<Buffer> out) {
    Buffer t = in.getFirst();
    Buffer y = out.getFirst();
    long n = t.type().shape().dim(0);
    long dim = op.dim();
    int flip = op.flipSinToCos() ? 1 : 0;
    float shift = op.frequencyShift();
    float maxPeriod = op.maxPeriod();
    return switch (t.type().dtype()) {
      case F32 -> () -> MapKernels.timestepEmbeddingF32(t.segment(), y.segment(), n, dim, flip, shift, maxPeriod);
      case I32 -> () -> MapKernels.timestepEmbeddingI32(t.segment(), y.segment(), n, dim, flip, shift, maxPeriod);
      case U8, BF16 -> throw NativeKernels.missing(op, in);
    };
  }
}
