package kiln.model.backend.cuda;

import static kiln.model.graph.DType.BF16;
import static kiln.model.graph.DType.F32;

import java.lang.foreign.MemorySegment;
import java.util.List;
import kiln.bindings.DeviceKernel;
import kiln.bindings.DeviceKernels;
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
record NormLaunches(DeviceKernels kernels, Scratch scratch) {
  /** Blocks that group normalisation is cut into if that leaves each enough to do: some for every multiprocessor. */
  private static final long GROUP_NORM_BLOCKS = 1024;

  private static final long LEAST_ROWS_PER_BLOCK = 16;

  /** Columns that a block of {@link DeviceKernel#FOLD_PARTIALS} has. */
  private static final long FOLDED_COLUMNS = 32;

  /** [n, s, c], and how many of the s rows a block takes. */
  private record Maps(long n, long s, long c, long chunk) {
    static Maps of(Shape shape) {
      long n = shape.dim(0);
      long s = shape.product(1, shape.rank() - 1);
      long chunk = Math.max(LEAST_ROWS_PER_BLOCK, Math.ceilDiv(n * s, GROUP_NORM_BLOCKS));
      return new Maps(n, s, shape.last(), chunk);
    }

    long numChunks() {
      return n * Math.ceilDiv(s, chunk);
    }
  }

  Launch groupNorm(GroupNorm op, List<Buffer> in, List<Buffer> out) {
    int bf16 = CudaKernels.TYPES.requireActivations(op, in, BF16, F32, F32);
    Buffer x = in.get(0);
    Buffer mean = out.get(1);
    Buffer rstd = out.get(2);
    Maps m = Maps.of(x.type().shape());
    long groups = op.numGroups();
    Buffer partial = floats(m.numChunks() * 2 * m.c);
    int silu = op.silu() ? 1 : 0;
    return KernelLaunch.inOrder(
        List.of(
            launch(DeviceKernel.GROUP_NORM_SUMS, m.numChunks(), bf16, x, partial, m.n, m.s, m.c, groups, m.chunk),
            launch(
                DeviceKernel.GROUP_NORM_STATISTICS, m.n * groups, bf16, x, partial, mean, rstd, m.n, m.s, m.c, groups, m.chunk,
                op.epsilon()),
            launch(
                DeviceKernel.GROUP_NORM, m.numChunks(), bf16, x, in.get(1), in.get(2), out.get(0), mean, rstd, m.n, m.s, m.c,
                groups, m.chunk, silu)));
  }

  Launch groupNormGrad(GroupNormGrad op, List<Buffer> in, List<Buffer> out) {
    int bf16 = CudaKernels.TYPES.requireActivations(op, in, BF16, F32, F32, F32, F32, BF16);
    Buffer x = in.get(0);
    Buffer weight = in.get(1);
    Buffer bias = in.get(2);
    Buffer mean = in.get(3);
    Buffer rstd = in.get(4);
    Buffer dy = in.get(5);
    Maps m = Maps.of(x.type().shape());
    long groups = op.numGroups();
    int silu = op.silu() ? 1 : 0;
    Buffer partial = floats(m.numChunks() * 2 * m.c);
    Buffer sums = floats(m.n * 2 * m.c);
    Buffer means = floats(m.n * groups * 2);
    return KernelLaunch.inOrder(
        List.of(
            launch(
                DeviceKernel.GROUP_NORM_GRAD_SUMS, m.numChunks(), bf16, x, weight, bias, mean, rstd, dy, partial, m.n, m.s, m.c,
                groups, m.chunk, silu),
            launch(
                DeviceKernel.GROUP_NORM_GRAD_MEANS, m.n * groups, partial, weight, sums, means, m.n, m.s, m.c, groups, m.chunk),
            launch(
                DeviceKernel.GROUP_NORM_GRAD, m.numChunks(), bf16, x, weight, bias, mean, rstd, dy, out.get(0), means, m.n, m.s,
                m.c, groups, m.chunk, silu),
            fold(sums, out.get(2), out.get(1), m.n, m.c)));
  }

  Launch layerNorm(LayerNorm op, List<Buffer> in, List<Buffer> out) {
    int bf16 = CudaKernels.TYPES.requireActivations(op, in, BF16, F32, F32);
    Buffer x = in.get(0);
    long c = x.type().shape().last();
    long rows = numRows(x);
    return launch(
        DeviceKernel.LAYER_NORM, rows, bf16, x, in.get(1), in.get(2), out.get(0), out.get(1), out.get(2), rows, c, op.epsilon());
  }

  Launch layerNormGrad(LayerNormGrad op, List<Buffer> in, List<Buffer> out) {
    int bf16 = CudaKernels.TYPES.requireActivations(op, in, BF16, F32, F32, F32, F32, BF16);
    Buffer x = in.get(0);
    Buffer mean = in.get(3);
    Buffer rstd = in.get(4);
    Buffer dy = in.get(5);
    long c = x.type().shape().last();
    long rows = numRows(x);
    long runs = Math.ceilDiv(rows, NormKernels.ROWS_PER_PARTIAL);
    Buffer partial = floats(runs * 2 * c);
    return KernelLaunch.inOrder(
        List.of(
            launch(DeviceKernel.LAYER_NORM_GRAD_SUMS, runs, bf16, x, mean, rstd, dy, partial, rows, c),
            launch(DeviceKernel.LAYER_NORM_GRAD, rows, bf16, x, in.get(1), mean, rstd, dy, out.get(0), rows, c),
            fold(partial, out.get(2), out.get(1), runs, c)));
  }

  Launch rmsNorm(RmsNorm op, List<Buffer> in, List<Buffer> out) {
    int bf16 = CudaKernels.TYPES.requireActivations(op, in, BF16, F32);
    Buffer x = in.get(0);
    long c = x.type().shape().last();
    long rows = numRows(x);
    return launch(DeviceKernel.RMS_NORM, rows, bf16, x, in.get(1), out.get(0), out.get(1), rows, c, op.epsilon());
  }

  Launch rmsNormGrad(RmsNormGrad op, List<Buffer> in, List<Buffer> out) {
    int bf16 = CudaKernels.TYPES.requireActivations(op, in, BF16, F32, F32, BF16);
    Buffer x = in.get(0);
    Buffer rstd = in.get(2);
    Buffer dy = in.get(3);
    long c = x.type().shape().last();
    long rows = numRows(x);
    long runs = Math.ceilDiv(rows, NormKernels.ROWS_PER_PARTIAL);
    Buffer partial = floats(runs * c);
    return KernelLaunch.inOrder(
        List.of(
            launch(DeviceKernel.RMS_NORM_GRAD_SUMS, runs, bf16, x, rstd, dy, partial, rows, c),
            launch(DeviceKernel.RMS_NORM_GRAD, rows, bf16, x, in.get(1), rstd, dy, out.get(0), rows, c),
            fold(partial, out.get(1), MemorySegment.NULL, runs, c)));
  }

  private Launch fold(Buffer partial, Buffer first, Object second, long runs, long c) {
    return launch(DeviceKernel.FOLD_PARTIALS, Math.ceilDiv(c, FOLDED_COLUMNS), partial, first, second, runs, c);
  }

  private Buffer floats(long count) {
    return scratch.reserve(count * Float.BYTES);
  }

  private static long numRows(Buffer x) {
    return x.type().shape().product(0, x.type().shape().rank() - 1);
  }

  private Launch launch(DeviceKernel kernel, long items, Object... arguments) {
    return new KernelLaunch(kernels, kernel, items, arguments);
  }
}
