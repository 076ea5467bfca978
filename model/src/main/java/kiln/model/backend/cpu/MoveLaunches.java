package kiln.model.backend.cpu;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static kiln.model.graph.DType.BF16;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import kiln.bindings.IndexKernels;
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
final class MoveLaunches {
  private MoveLaunches() {}

  static Launch concat(Concat op, List<Buffer> in, List<Buffer> out) {
    Buffer y = out.getFirst();
    int bytes = y.type().dtype().bytes();
    if (in.stream().anyMatch(x -> x.type().dtype() != y.type().dtype())) {
      throw NativeKernels.missing(op, in);
    }
    Span span = Span.of(y.type().shape(), op.axis(), op.axis() + 1);
    long yStride = span.middle() * span.inner() * bytes;
    Buffer[] parts = in.toArray(Buffer[]::new);
    long[] blocks = new long[parts.length];
    for (int i = 0; i < parts.length; i++) {
      blocks[i] = parts[i].type().shape().dim(op.axis()) * span.inner() * bytes;
    }
    long outer = span.outer();
    return () -> {
      long start = 0;
      for (int i = 0; i < parts.length; i++) {
        IndexKernels.copyBlocks(parts[i].segment(), y.segment(), outer, blocks[i], 0, blocks[i], start, yStride);
        start += blocks[i];
      }
    };
  }

  static Launch slice(Slice op, List<Buffer> in, List<Buffer> out) {
    NativeKernels.requireActivations(op, in, BF16);
    Buffer x = in.getFirst();
    Buffer y = out.getFirst();
    int bytes = x.type().dtype().bytes();
    Span span = Span.of(x.type().shape(), op.axis(), op.axis() + 1);
    long outer = span.outer();
    long xStride = span.middle() * span.inner() * bytes;
    long start = op.start() * span.inner() * bytes;
    long block = op.length() * span.inner() * bytes;
    return () -> IndexKernels.copyBlocks(x.segment(), y.segment(), outer, block, start, xStride, 0, block);
  }

  static Launch pad(Pad op, List<Buffer> in, List<Buffer> out) {
    NativeKernels.requireActivations(op, in, BF16);
    Buffer x = in.getFirst();
    Buffer y = out.getFirst();
    int bytes = x.type().dtype().bytes();
    Span span = Span.of(x.type().shape(), op.axis(), op.axis() + 1);
    long outer = span.outer();
    long block = span.middle() * span.inner() * bytes;
    long before = op.before() * span.inner() * bytes;
    long after = op.after() * span.inner() * bytes;
    return () -> IndexKernels.padBlocks(x.segment(), y.segment(), outer, before, block, after);
  }

  static Launch permute(Permute op, List<Buffer> in, List<Buffer> out) {
    int bf16 = NativeKernels.requireActivations(op, in, BF16);
    AxisLayout axes = AxisLayout.of(op, in.getFirst().type().shape());
    MemorySegment layout = keep(axes);
    long unit = axes.unit();
    Buffer x = in.getFirst();
    Buffer y = out.getFirst();
    return () -> IndexKernels.permute(bf16, x.segment(), y.segment(), layout, unit);
  }

  static Launch roll(Roll op, List<Buffer> in, List<Buffer> out) {
    int bf16 = NativeKernels.requireActivations(op, in, BF16);
    MemorySegment layout = keep(AxisLayout.of(op, in.getFirst().type().shape()));
    Buffer x = in.getFirst();
    Buffer y = out.getFirst();
    return () -> IndexKernels.roll(bf16, x.segment(), y.segment(), layout);
  }

  /** In native memory that lives as long as its launch. */
  private static MemorySegment keep(AxisLayout layout) {
    return Arena.ofAuto().allocateFrom(JAVA_LONG, layout.numbers());
  }
}
