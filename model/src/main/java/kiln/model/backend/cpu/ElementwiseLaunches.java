package kiln.model.backend.cpu;

import static kiln.model.graph.DType.BF16;
import static kiln.model.graph.DType.F32;

import java.util.List;
import kiln.bindings.ElementwiseKernels;
import kiln.model.graph.DType;
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
final class ElementwiseLaunches {
  private ElementwiseLaunches() {}

  static Launch affine(Affine op, List<Buffer> in, List<Buffer> out) {
    Buffer x = in.getFirst();
    Buffer y = out.getFirst();
    long n = y.type().shape().elements();
    float scale = op.scale();
    float shift = op.shift();
    return switch (x.type().dtype()) {
      case F32 -> () -> ElementwiseKernels.affine(0, x.segment(), y.segment(), n, scale, shift);
      case BF16 -> () -> ElementwiseKernels.affine(1, x.segment(), y.segment(), n, scale, shift);
      case U8 -> () -> ElementwiseKernels.affineU8(x.segment(), y.segment(), n, scale, shift);
      case I32 -> () -> ElementwiseKernels.affineI32(x.segment(), y.segment(), n, scale, shift);
    };
  }

  static Launch binary(Binary op, List<Buffer> in, List<Buffer> out) {
    int bf16 = NativeKernels.requireActivations(op, in, BF16, BF16);
    Buffer a = in.get(0);
    Buffer b = in.get(1);
    Buffer y = out.getFirst();
    Span span = Span.broadcast(b.type().shape(), a.type().shape());
    int kind = op.kind().ordinal();
    long outer = span.outer();
    long middle = span.middle();
    long inner = span.inner();
    return () -> ElementwiseKernels.binary(bf16, kind, a.segment(), b.segment(), y.segment(), outer, middle, inner);
  }

  static Launch cast(Cast op, List<Buffer> in, List<Buffer> out) {
    Buffer x = in.getFirst();
    Buffer y = out.getFirst();
    long n = y.type().shape().elements();
    DType from = x.type().dtype();
    if (from == op.to()) {
      return () -> y.segment().copyFrom(x.segment());
    }
    return from == F32
        ? () -> ElementwiseKernels.narrow(x.segment(), y.segment(), n)
        : () -> ElementwiseKernels.widen(x.segment(), y.segment(), n);
  }

  static Launch broadcast(Broadcast op, List<Buffer> in, List<Buffer> out) {
    int bf16 = NativeKernels.requireActivations(op, in, BF16);
    Buffer x = in.getFirst();
    Buffer y = out.getFirst();
    Span span = Span.broadcast(x.type().shape(), op.shape());
    long outer = span.outer();
    long middle = span.middle();
    long inner = span.inner();
    return () -> ElementwiseKernels.broadcast(bf16, x.segment(), y.segment(), outer, middle, inner);
  }

  static Launch clamp(Clamp op, List<Buffer> in, List<Buffer> out) {
    int bf16 = NativeKernels.requireActivations(op, in, BF16);
    Buffer x = in.getFirst();
    Buffer y = out.getFirst();
    long n = y.type().shape().elements();
    float low = op.low();
    float high = op.high();
    return () -> ElementwiseKernels.clamp(bf16, x.segment(), y.segment(), n, low, high);
  }

  static Launch clampGrad(ClampGrad op, List<Buffer> in, List<Buffer> out) {
    int bf16 = NativeKernels.requireActivations(op, in, BF16, BF16);
    Buffer x = in.get(0);
    Buffer dy = in.get(1);
    Buffer dx = out.getFirst();
    long n = dx.type().shape().elements();
    float low = op.low();
    float high = op.high();
    return () -> ElementwiseKernels.clampGrad(bf16, x.segment(), dy.segment(), dx.segment(), n, low, high);
  }

  static Launch fill(Fill op, List<Buffer> out) {
    Buffer y = out.getFirst();
    long n = y.type().shape().elements();
    float value = op.value();
    return () -> ElementwiseKernels.fill(y.segment(), n, value);
  }

  static Launch geglu(Geglu op, List<Buffer> in, List<Buffer> out) {
    int bf16 = NativeKernels.requireActivations(op, in, BF16);
    Buffer x = in.getFirst();
    Buffer y = out.getFirst();
    long width = y.type().shape().last();
    long rows = y.type().shape().product(0, y.type().shape().rank() - 1);
    return () -> ElementwiseKernels.geglu(bf16, x.segment(), y.segment(), rows, width);
  }

  static Launch gegluGrad(GegluGrad op, List<Buffer> in, List<Buffer> out) {
    int bf16 = NativeKernels.requireActivations(op, in, BF16, BF16);
    Buffer x = in.get(0);
    Buffer dy = in.get(1);
    Buffer dx = out.getFirst();
    long width = dy.type().shape().last();
    long rows = dy.type().shape().product(0, dy.type().shape().rank() - 1);
    return () -> ElementwiseKernels.gegluGrad(bf16, x.segment(), dy.segment(), dx.segment(), rows, width);
  }

  static Launch unary(Unary op, List<Buffer> in, List<Buffer> out) {
    int bf16 = NativeKernels.requireActivations(op, in, BF16);
    Buffer x = in.getFirst();
    Buffer y = out.getFirst();
    long n = y.type().shape().elements();
    int function = op.function().ordinal();
    return () -> ElementwiseKernels.unary(bf16, function, x.segment(), y.segment(), n);
  }

  static Launch unaryGrad(UnaryGrad op, List<Buffer> in, List<Buffer> out) {
    int bf16 = NativeKernels.requireActivations(op, in, BF16, BF16);
    Buffer x = in.get(0);
    Buffer dy = in.get(1);
    Buffer dx = out.getFirst();
    long n = dx.type().shape().elements();
    int function = op.function().ordinal();
    return () -> ElementwiseKernels.unaryGrad(bf16, function, x.segment(), dy.segment(), dx.segment(), n);
  }
}
