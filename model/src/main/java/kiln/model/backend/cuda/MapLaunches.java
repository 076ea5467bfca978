package kiln.model.backend.cuda;

import static kiln.model.graph.DType.BF16;
import static kiln.model.graph.DType.F32;

import java.util.List;
import kiln.bindings.DeviceKernel;
import kiln.bindings.DeviceKernels;
import kiln.model.graph.Shape;
import kiln.model.op.AvgPool2d;
import kiln.model.op.AvgPool2dGrad;
import kiln.model.op.Op;
import kiln.model.op.TimestepEmbedding;
import kiln.model.op.UpsampleNearest;
import kiln.model.op.UpsampleNearestGrad;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;

/** Launches of the kernels for feature maps [N, H, W, C] and timesteps. */
record MapLaunches(DeviceKernels kernels) {
  Launch upsampleNearest(UpsampleNearest op, List<Buffer> in, Buffer y) {
    return resize(DeviceKernel.UPSAMPLE_NEAREST, op, in, y, in.getFirst(), y);
  }

  Launch upsampleNearestGrad(UpsampleNearestGrad op, List<Buffer> in, Buffer dx) {
    return resize(DeviceKernel.UPSAMPLE_NEAREST_GRAD, op, in, dx, dx, in.getFirst());
  }

  /** From {@code in} to {@code out}, one of which is the small map. */
  private Launch resize(DeviceKernel kernel, Op op, List<Buffer> in, Buffer out, Buffer small, Buffer large) {
    int bf16 = CudaKernels.TYPES.requireActivations(op, in, BF16);
    Shape s = small.type().shape();
    Shape l = large.type().shape();
    return launch(
        kernel, out.type().shape().elements(), bf16, in.getFirst(), out, extent(s, 0), extent(s, 1), extent(s, 2), extent(l, 1),
        extent(l, 2), extent(s, 3));
  }

  Launch avgPool2d(AvgPool2d op, List<Buffer> in, Buffer y) {
    return pool(DeviceKernel.AVG_POOL2D, op, in, y, in.getFirst(), y, op.kernel(), op.stride());
  }

  Launch avgPool2dGrad(AvgPool2dGrad op, List<Buffer> in, Buffer dx) {
    return pool(DeviceKernel.AVG_POOL2D_GRAD, op, in, dx, dx, in.getFirst(), op.kernel(), op.stride());
  }

  private Launch pool(
      DeviceKernel kernel, Op op, List<Buffer> in, Buffer out, Buffer large, Buffer small, long size, long stride) {
    CudaKernels.TYPES.require(op, in, F32);
    Shape l = large.type().shape();
    Shape s = small.type().shape();
    return launch(
        kernel, out.type().shape().elements(), in.getFirst(), out, extent(l, 0), extent(l, 1), extent(l, 2), extent(s, 1),
        extent(s, 2), extent(l, 3), size, stride);
  }

  private static long extent(Shape shape, int axis) {
    return shape.dim(axis);
  }

  Launch timestepEmbedding(TimestepEmbedding op, List<Buffer> in, Buffer y) {
    DeviceKernel kernel =
        switch (in.getFirst().type().dtype()) {
          case F32 -> DeviceKernel.TIMESTEP_EMBEDDING_F32;
          case I32 -> DeviceKernel.TIMESTEP_EMBEDDING_I32;
          case U8, BF16 -> throw CudaKernels.TYPES.missing(op, in);
        };
    long n = y.type().shape().dim(0);
    long dim = op.dim();
    return launch(
        kernel, n * dim, in.getFirst(), y, n, dim, op.flipSinToCos() ? 1 : 0, op.frequencyShift(), op.maxPeriod());
  }

  private Launch launch(DeviceKernel kernel, long items, Object... arguments) {
    return new KernelLaunch(kernels, kernel, items, arguments);
  }
}
