package kiln.model.backend.cpu;

import static kiln.model.graph.DType.BF16;
import static kiln.model.graph.DType.F32;
import static kiln.model.graph.DType.I32;

import java.util.List;
import kiln.bindings.ReductionKernels;
import kiln.model.graph.Shape;
import kiln.model.op.CrossEntropy;
import kiln.model.op.CrossEntropyGrad;
import kiln.model.op.Softmax;
import kiln.model.op.SoftmaxGrad;
import kiln.model.op.Span;
import kiln.model.op.Sum;
import kiln.model.op.WeightedMse;
import kiln.model.op.WeightedMseGrad;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;
import kiln.model.plan.Scratch;

/** Launches of sums, softmax and losses. */
final class ReductionLaunches {
  /** Elements that one task of a sum takes at least: enough to be worth it, few enough to share a bias gradient. */
  private static final long ELEMENTS_PER_CHUNK = 32768;

  private ReductionLaunches() {}

  static Launch sum(Sum op, List<Buffer> in, List<Buffer> out, Scratch scratch) {
    int bf16 = NativeKernels.requireActivations(op, in, BF16);
    Buffer x = in.getFirst();
    Buffer y = out.getFirst();
    Span span = Span.of(x.type().shape(), op.first(), op.end());
    long outer = span.outer();
    long middle = span.middle();
    long inner = span.inner();
    long chunk = Math.max(64, ELEMENTS_PER_CHUNK / Math.max(1, inner));
    long numChunks = Math.ceilDiv(middle, chunk);
    Buffer partial = scratch.reserve(numChunks > 1 ? outer * numChunks * inner * Double.BYTES : 0);
    return () -> ReductionKernels.sum(bf16, x.segment(), y.segment(), partial.segment(), outer, middle, inner, chunk);
  }

  static Launch softmax(Softmax op, List<Buffer> in, List<Buffer> out) {
    NativeKernels.require(op, in, F32);
    Buffer x = in.getFirst();
    Buffer y = out.getFirst();
    Shape shape = x.type().shape();
    long c = shape.last();
    long rows = shape.product(0, shape.rank() - 1);
    int log = op.log() ? 1 : 0;
    return () -> ReductionKernels.softmax(x.segment(), y.segment(), rows, c, log);
  }

  static Launch softmaxGrad(SoftmaxGrad op, List<Buffer> in, List<Buffer> out) {
    NativeKernels.require(op, in, F32, F32);
    Buffer y = in.get(0);
    Buffer dy = in.get(1);
    Buffer dx = out.getFirst();
    Shape shape = y.type().shape();
    long c = shape.last();
    long rows = shape.product(0, shape.rank() - 1);
    int log = op.log() ? 1 : 0;
    return () -> ReductionKernels.softmaxGrad(y.segment(), dy.segment(), dx.segment(), rows, c, log);
  }

  static Launch crossEntropy(CrossEntropy op, List<Buffer> in, List<Buffer> out, Scratch scratch) {
    NativeKernels.require(op, in, F32, I32);
    Buffer logits = in.get(0);
    Buffer labels = in.get(1);
    Buffer loss = out.getFirst();
    long rows = logits.type().shape().dim(0);
    long c = logits.type().shape().dim(1);
    Buffer losses = op.reduction() == CrossEntropy.Reduction.NONE ? loss : scratch.reserve(rows * Float.BYTES);
    int ignore = op.ignoreIndex();
    float smoothing = op.smoothing();
    int reduction = op.reduction().ordinal();
    return () -> {
      long bad =
          ReductionKernels.crossEntropy(
              logits.segment(), labels.segment(), losses.segment(), loss.segment(), rows, c, ignore, smoothing, reduction);
      LookupLaunches.checkIndex(bad, op, labels, c);
    };
  }

  static Launch crossEntropyGrad(CrossEntropyGrad op, List<Buffer> in, List<Buffer> out) {
    NativeKernels.require(op, in, F32, I32, F32);
    Buffer logits = in.get(0);
    Buffer labels = in.get(1);
    Buffer dy = in.get(2);
    Buffer dx = out.getFirst();
    long rows = logits.type().shape().dim(0);
    long c = logits.type().shape().dim(1);
    int ignore = op.ignoreIndex();
    float smoothing = op.smoothing();
    int reduction = op.reduction().ordinal();
    return () -> {
      long bad =
          ReductionKernels.crossEntropyGrad(
              logits.segment(), labels.segment(), dy.segment(), dx.segment(), rows, c, ignore, smoothing, reduction);
      LookupLaunches.checkIndex(bad, op, labels, c);
    };
  }

  static Launch weightedMse(WeightedMse op, List<Buffer> in, List<Buffer> out) {
    NativeKernels.require(op, in, F32, F32, F32);
    Buffer prediction = in.get(0);
    Buffer target = in.get(1);
    Buffer weight = in.get(2);
    Buffer loss = out.get(0);
    Buffer errors = out.get(1);
    Shape shape = prediction.type().shape();
    long n = shape.dim(0);
    long size = shape.product(1, shape.rank());
    return () ->
        ReductionKernels.weightedMse(
            prediction.segment(), target.segment(), weight.segment(), loss.segment(), errors.segment(), n, size);
  }

  static Launch weightedMseGrad(WeightedMseGrad op, List<Buffer> in, List<Buffer> out) {
    NativeKernels.require(op, in, F32, F32, F32, F32);
    Buffer prediction = in.get(0);
    Buffer target = in.get(1);
    Buffer weight = in.get(2);
    Buffer dy = in.get(3);
    Buffer dx = out.getFirst();
    Shape shape = prediction.type().shape();
    long n = shape.dim(0);
    long size = shape.product(1, shape.rank());
    return () ->
        ReductionKernels.weightedMseGrad(
            prediction.segment(), target.segment(), weight.segment(), dy.segment(), dx.segment(), n, size);
  }
}
