package kiln.model.backend.cuda;

import static kiln.model.graph.DType.BF16;
import static kiln.model.graph.DType.F32;

import java.util.List;
import kiln.bindings.DeviceKernel;
import kiln.bindings.DeviceKernels;
import kiln.model.op.Affine;
import kiln.model.op.Binary;
import kiln.model.op.Broadcast;
import kiln.model.op.Cast;
import kiln.model.op.Clamp;
import kiln.model.op.ClampGrad;
import kiln.model.op.Fill;
import kiln.model.op.Geglu;
import kiln.model.op.GegluGrad;
import kiln.model.op.Span;
import kiln.model.op.Unary;
import kiln.model.op.UnaryGrad;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;

/** Launches of the elementwise kernels. */
record ElementwiseLaunches(DeviceKernels kernels) {
  Launch affine(Affine op, Buffer x, Buffer y) {
    long n = elements(y);
    return switch (x.type().dtype()) {
      case F32 -> launch(DeviceKernel.AFFINE, n, 0, x, y, n, op.scale(), op.shift());
      case BF16 -> launch(DeviceKernel.AFFINE, n, 1, x, y, n, op.scale(), op.shift());
      case U8 -> launch(DeviceKernel.AFFINE_U8, n, x, y, n, op.scale(), op.shift());
      case I32 -> launch(DeviceKernel.AFFINE_I32, n, x, y, n, op.scale(), op.shift());
    };
  }

  Launch binary(Binary op, List<Buffer> in, Buffer y) {
    int bf16 = CudaKernels.TYPES.requireActivations(op, in, BF16, BF16);
    Buffer a = in.get(0);
    Buffer b = in.get(1);
    Span span = Span.broadcast(b.type().shape(), a.type().shape());
    int kind = op.kind().ordinal();
    return launch(DeviceKernel.BINARY, elements(y), bf16, kind, a, b, y, span.outer(), span.middle(), span.inner());
  }

  Launch broadcast(Broadcast op, List<Buffer> in, Buffer y) {
    int bf16 = CudaKernels.TYPES.requireActivations(op, in, BF16);
    Buffer x = in.getFirst();
    Span span = Span.broadcast(x.type().shape(), op.shape());
    return launch(DeviceKernel.BROADCAST, elements(y), bf16, x, y, span.outer(), span.middle(), span.inner());
  }

  Launch cast(Cast op, Buffer x, Buffer y) {
    long n = elements(y);
    if (x.type().dtype() == op.to()) {
      long bytes = y.type().bytes();
      return launch(DeviceKernel.COPY_BLOCKS, n, x, y, 1L, bytes, 0L, bytes, 0L, bytes);
    }
    return launch(x.type().dtype() == F32 ? DeviceKernel.NARROW : DeviceKernel.WIDEN, n, x, y, n);
  }

  Launch clamp(Clamp op, List<Buffer> in, Buffer y) {
    int bf16 = CudaKernels.TYPES.requireActivations(op, in, BF16);
    return launch(DeviceKernel.CLAMP, elements(y), bf16, in.getFirst(), y, elements(y), op.low(), op.high());
  }

  Launch clampGrad(ClampGrad op, List<Buffer> in, Buffer dx) {
    int bf16 = CudaKernels.TYPES.requireActivations(op, in, BF16, BF16);
    return launch(
        DeviceKernel.CLAMP_GRAD, elements(dx), bf16, in.get(0), in.get(1), dx, elements(dx), op.low(), op.high());
  }

  Launch fill(Fill op, Buffer y) {
    return launch(DeviceKernel.FILL, elements(y), y, elements(y), op.value());
  }

  Launch geglu(Geglu op, List<Buffer> in, Buffer y) {
    int bf16 = CudaKernels.TYPES.requireActivations(op, in, BF16);
    long width = y.type().shape().last();
    return launch(DeviceKernel.GEGLU, elements(y), bf16, in.getFirst(), y, elements(y) / width, width);
  }

  Launch gegluGrad(GegluGrad op, List<Buffer> in, Buffer dx) {
    int bf16 = CudaKernels.TYPES.requireActivations(op, in, BF16, BF16);
    Buffer dy = in.get(1);
    long width = dy.type().shape().last();
    return launch(DeviceKernel.GEGLU_GRAD, elements(dy), bf16, in.get(0), dy, dx, elements(dy) / width, width);
  }

  Launch unary(Unary op, List<Buffer> in, Buffer y) {
    int bf16 = CudaKernels.TYPES.requireActivations(op, in, BF16);
    return launch(DeviceKernel.UNARY, elements(y), bf16, op.function().ordinal(), in.getFirst(), y, elements(y));
  }

  Launch unaryGrad(UnaryGrad op, List<Buffer> in, Buffer dx) {
    int bf16 = CudaKernels.TYPES.requireActivations(op, in, BF16, BF16);
    int function = op.function().ordinal();
    return launch(DeviceKernel.UNARY_GRAD, elements(dx), bf16, function, in.get(0), in.get(1), dx, elements(dx));
  }

  private static long elements(Buffer buffer) {
    return buffer.type().shape().elements();
  }

  private Launch launch(DeviceKernel kernel, long items, Object... arguments) {
    return new KernelLaunch(kernels, kernel, items, arguments);
  }
}
