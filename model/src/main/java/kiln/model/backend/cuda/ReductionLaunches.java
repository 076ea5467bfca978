package kiln.model.backend.cuda;

import static kiln.model.graph.DType.BF16;
import static kiln.model.graph.DType.F32;
import static kiln.model.graph.DType.I32;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.DeviceKernel;
import kiln.bindings.DeviceKernels;
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
record ReductionLaunches(DeviceKernels kernels, Scratch scratch) {
  /** Elements that a warp sums along a row, or a block along columns or of a sample's squared error. */
  private static final long ELEMENTS_PER_CHUNK = 8192;

  private static final long LEAST_ROWS_PER_CHUNK = 16;

  /** Chunks that a sum is cut into at most: some for every multiprocessor, and no more partial sums than that makes. */
  private static final long MOST_CHUNKS = 4096;

  /** Columns that a block of {@link DeviceKernel#SUM} has. */
  private static final long SUMMED_COLUMNS = 1024;

  /** Columns that a block of {@link DeviceKernel#SUM_PARTIALS} has. */
  private static final long FOLDED_COLUMNS = 32;

  Launch sum(Sum op, List<Buffer> in, Buffer y) {
    int bf16 = CudaKernels.TYPES.requireActivations(op, in, BF16);
    Span span = Span.of(in.getFirst().type().shape(), op.first(), op.end());
    return sum(bf16, in.getFirst(), y, span);
  }

  /** y [outer, inner] from x [outer, middle, inner]. */
  Launch sum(int bf16, Buffer x, Buffer y, Span span) {
    long outer = span.outer();
    long middle = span.middle();
    long inner = span.inner();
    long small = inner == 1 ? ELEMENTS_PER_CHUNK : Math.max(LEAST_ROWS_PER_CHUNK, ELEMENTS_PER_CHUNK / inner);
    long chunk = Math.max(small, Math.ceilDiv(middle, Math.max(1, MOST_CHUNKS / outer)));
    long chunks = Math.ceilDiv(middle, chunk);
    Buffer sums = chunks == 1 ? y : floats(outer * chunks * inner);
    List<Launch> launches = new ArrayList<>();
    if (inner == 1) {
      launches.add(launch(DeviceKernel.SUM_ROWS, outer * chunks, bf16, x, sums, outer, middle, chunk));
    } else {
      long items = outer * chunks * Math.ceilDiv(inner, SUMMED_COLUMNS);
      launches.add(launch(DeviceKernel.SUM, items, bf16, x, sums, outer, middle, inner, chunk));
    }
    if (chunks > 1) {
      long items = outer * Math.ceilDiv(inner, FOLDED_COLUMNS);
      launches.add(launch(DeviceKernel.SUM_PARTIALS, items, sums, y, outer, chunks, inner));
    }
    return KernelLaunch.inOrder(launches);
  }

  Launch softmax(Softmax op, List<Buffer> in, Buffer y) {
    CudaKernels.TYPES.require(op, in, F32);
    long c = y.type().shape().last();
    long rows = y.type().shape().elements() / c;
    return launch(DeviceKernel.SOFTMAX, rows, in.getFirst(), y, rows, c, op.log() ? 1 : 0);
  }

  Launch softmaxGrad(SoftmaxGrad op, List<Buffer> in, Buffer dx) {
    CudaKernels.TYPES.require(op, in, F32, F32);
    long c = dx.type().shape().last();
    long rows = dx.type().shape().elements() / c;
    return launch(DeviceKernel.SOFTMAX_GRAD, rows, in.get(0), in.get(1), dx, rows, c, op.log() ? 1 : 0);
  }

  Launch crossEntropy(CrossEntropy op, List<Buffer> in, Buffer loss) {
    CudaKernels.TYPES.require(op, in, F32, I32);
    Buffer labels = in.get(1);
    Shape shape = in.get(0).type().shape();
    long rows = shape.dim(0);
    long c = shape.dim(1);
    boolean perRow = op.reduction() == CrossEntropy.Reduction.NONE;
    Buffer losses = perRow ? loss : floats(rows);
    MemorySegment bad = kernels.badIndex(CudaKernels.expectedBelow(op, c));
    Launch each =
        launch(
            DeviceKernel.CROSS_ENTROPY, rows, in.get(0), labels, losses, bad, rows, c, op.ignoreIndex(), op.smoothing());
    if (perRow) {
      return each;
    }
    int reduction = op.reduction().ordinal();
    return KernelLaunch.inOrder(
        List.of(
            each,
            launch(DeviceKernel.CROSS_ENTROPY_TOTAL, 1, losses, labels, loss, rows, op.ignoreIndex(), reduction)));
  }

  Launch crossEntropyGrad(CrossEntropyGrad op, List<Buffer> in, Buffer dx) {
    CudaKernels.TYPES.require(op, in, F32, I32, F32);
    Buffer labels = in.get(1);
    Shape shape = dx.type().shape();
    long rows = shape.dim(0);
    long c = shape.dim(1);
    int reduction = op.reduction().ordinal();
    Buffer share = floats(1);
    MemorySegment bad = kernels.badIndex(CudaKernels.expectedBelow(op, c));
    return KernelLaunch.inOrder(
        List.of(
            launch(DeviceKernel.CROSS_ENTROPY_SHARE, 1, labels, share, rows, op.ignoreIndex(), reduction),
            launch(
                DeviceKernel.CROSS_ENTROPY_GRAD, rows, in.get(0), labels, in.get(2), share, dx, bad, rows, c, op.ignoreIndex(),
                op.smoothing(), reduction)));
  }

  Launch weightedMse(WeightedMse op, List<Buffer> in, List<Buffer> out) {
    CudaKernels.TYPES.require(op, in, F32, F32, F32);
    Shape shape = in.get(0).type().shape();
    long n = shape.dim(0);
    long size = shape.product(1, shape.rank());
    long chunks = n * Math.ceilDiv(size, ELEMENTS_PER_CHUNK);
    Buffer partial = scratch.reserve(chunks * Double.BYTES);
    return KernelLaunch.inOrder(
        List.of(
            launch(DeviceKernel.WEIGHTED_MSE, chunks, in.get(0), in.get(1), partial, n, size, ELEMENTS_PER_CHUNK),
            launch(
                DeviceKernel.WEIGHTED_MSE_TOTAL, 1, partial, in.get(2), out.get(0), out.get(1), n, size, ELEMENTS_PER_CHUNK)));
  }

  Launch weightedMseGrad(WeightedMseGrad op, List<Buffer> in, Buffer dx) {
    CudaKernels.TYPES.require(op, in, F32, F32, F32, F32);
    Shape shape = dx.type().shape();
    long n = shape.dim(0);
    long size = shape.product(1, shape.rank());
    return launch(
        DeviceKernel.WEIGHTED_MSE_GRAD, n * size, in.get(0), in.get(1), in.get(2), in.get(3), dx, n, size);
  }

  private Buffer floats(long count) {
    return scratch.reserve(count * Float.BYTES);
  }

  private Launch launch(DeviceKernel kernel, long items, Object... arguments) {
    return new KernelLaunch(kernels, kernel, items, arguments);
  }
}
