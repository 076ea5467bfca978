package kiln.model.backend.cuda;

import static kiln.model.graph.DType.BF16;

import java.util.ArrayList;
import java.util.List;
import kiln.bindings.DeviceKernel;
import kiln.bindings.DeviceKernels;
import kiln.model.backend.AxisLayout;
import kiln.model.op.Concat;
import kiln.model.op.Pad;
import kiln.model.op.Permute;
import kiln.model.op.Roll;
import kiln.model.op.Slice;
import kiln.model.op.Span;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;

/** Launches of the kernels that move elements. */
record MoveLaunches(DeviceKernels kernels) {
  /** Side of the tiles of {@link DeviceKernel#PERMUTE_TILES}. */
  private static final long TILE = 32;

  Launch concat(Concat op, List<Buffer> in, Buffer y) {
    int bytes = y.type().dtype().bytes();
    if (in.stream().anyMatch(x -> x.type().dtype() != y.type().dtype())) {
      throw CudaKernels.TYPES.missing(op, in);
    }
    Span span = Span.of(y.type().shape(), op.axis(), op.axis() + 1);
    long yStride = span.middle() * span.inner() * bytes;
    List<Launch> launches = new ArrayList<>();
    long start = 0;
    for (Buffer part : in) {
      long block = part.type().shape().dim(op.axis()) * span.inner() * bytes;
      launches.add(copyBlocks(part, y, span.outer(), block, 0, block, start, yStride));
      start += block;
    }
    return KernelLaunch.inOrder(launches);
  }

  Launch slice(Slice op, List<Buffer> in, Buffer y) {
    CudaKernels.TYPES.requireActivations(op, in, BF16);
    Buffer x = in.getFirst();
    Span span = Span.of(x.type().shape(), op.axis(), op.axis() + 1);
    long step = span.inner() * x.type().dtype().bytes();
    long block = op.length() * step;
    return copyBlocks(x, y, span.outer(), block, op.start() * step, span.middle() * step, 0, block);
  }

  private Launch copyBlocks(
      Buffer x, Buffer y, long count, long block, long xStart, long xStride, long yStart, long yStride) {
    return launch(
        DeviceKernel.COPY_BLOCKS, words(count * block), x, y, count, block, xStart, xStride, yStart, yStride);
  }

  Launch pad(Pad op, List<Buffer> in, Buffer y) {
    CudaKernels.TYPES.requireActivations(op, in, BF16);
    Buffer x = in.getFirst();
    Span span = Span.of(x.type().shape(), op.axis(), op.axis() + 1);
    long step = span.inner() * x.type().dtype().bytes();
    long items = words(y.type().bytes());
    return launch(
        DeviceKernel.PAD_BLOCKS, items, x, y, span.outer(), op.before() * step, span.middle() * step, op.after() * step);
  }

  /** What copies count as items. */
  private static long words(long bytes) {
    return bytes / Integer.BYTES;
  }

  Launch permute(Permute op, List<Buffer> in, Buffer y) {
    int bf16 = CudaKernels.TYPES.requireActivations(op, in, BF16);
    Buffer x = in.getFirst();
    AxisLayout axes = AxisLayout.of(op, x.type().shape());
    long[] layout = axes.numbers();
    long elements = y.type().shape().elements();
    int last = AxisLayout.MAX_AXES - 1;
    if (axes.unit() == last) {
      return launch(DeviceKernel.PERMUTE, elements, bf16, x, y, layout);
    }
    long rows = layout[axes.unit()];
    long columns = layout[last];
    long tiles = Math.ceilDiv(rows, TILE) * Math.ceilDiv(columns, TILE) * (elements / Math.max(1, rows * columns));
    return launch(DeviceKernel.PERMUTE_TILES, tiles, bf16, x, y, layout, (long) axes.unit());
  }

  Launch roll(Roll op, List<Buffer> in, Buffer y) {
    int bf16 = CudaKernels.TYPES.requireActivations(op, in, BF16);
    AxisLayout axes = AxisLayout.of(op, y.type().shape());
    return launch(DeviceKernel.ROLL, y.type().shape().elements(), bf16, in.getFirst(), y, axes.numbers());
  }

  private Launch launch(DeviceKernel kernel, long items, Object... arguments) {
    return new KernelLaunch(kernels, kernel, items, arguments);
  }
}
