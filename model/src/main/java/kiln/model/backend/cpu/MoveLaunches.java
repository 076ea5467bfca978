package kiln.model.backend.cpu;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static kiln.model.graph.DType.BF16;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kiln.bindings.IndexKernels;
import kiln.model.graph.Shape;
import kiln.model.op.Concat;
import kiln.model.op.Op;
import kiln.model.op.Pad;
import kiln.model.op.Permute;
import kiln.model.op.Roll;
import kiln.model.op.Slice;
import kiln.model.op.Span;
import kiln.model.plan.Buffer;
import kiln.model.plan.Launch;

/** Launches of the kernels that move elements. */
final class MoveLaunches {
  /** Axes that the kernels loop over. */
  private static final int MAX_AXES = 6;

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

  /** One axis of the output of a permutation. */
  private record Axis(long extent, long stride) {}

  static Launch permute(Permute op, List<Buffer> in, List<Buffer> out) {
    int bf16 = NativeKernels.requireActivations(op, in, BF16);
    Shape shape = in.getFirst().type().shape();
    List<Axis> axes = new ArrayList<>();
    for (int axis : op.axes()) {
      Axis next = new Axis(shape.dim(axis), shape.product(axis + 1, shape.rank()));
      Axis last = axes.isEmpty() ? null : axes.getLast();
      if (last != null && last.stride() == next.extent() * next.stride()) {
        axes.set(axes.size() - 1, new Axis(last.extent() * next.extent(), next.stride()));
      } else if (next.extent() != 1) {
        axes.add(next);
      }
    }
    long[] extents = axes.stream().mapToLong(Axis::extent).toArray();
    MemorySegment layout = layout(op, extents, axes.stream().mapToLong(Axis::stride).toArray());
    int contiguous = axes.isEmpty() ? 0 : axes.stream().map(Axis::stride).toList().indexOf(1L);
    long unit = axes.isEmpty() ? MAX_AXES - 1 : MAX_AXES - axes.size() + contiguous;
    Buffer x = in.getFirst();
    Buffer y = out.getFirst();
    return () -> IndexKernels.permute(bf16, x.segment(), y.segment(), layout, unit);
  }

  static Launch roll(Roll op, List<Buffer> in, List<Buffer> out) {
    int bf16 = NativeKernels.requireActivations(op, in, BF16);
    Shape shape = in.getFirst().type().shape();
    long[] shiftOf = new long[shape.rank()];
    for (int i = 0; i < op.axes().size(); i++) {
      int axis = op.axes().get(i);
      shiftOf[axis] = Math.floorMod(shiftOf[axis] + op.shifts().get(i), (long) shape.dim(axis));
    }
    List<Long> extents = new ArrayList<>();
    List<Long> shifts = new ArrayList<>();
    for (int axis = 0; axis < shape.rank(); axis++) {
      if (axis > 0 && shiftOf[axis] == 0 && shifts.getLast() == 0) {
        extents.set(extents.size() - 1, extents.getLast() * shape.dim(axis));
      } else {
        extents.add((long) shape.dim(axis));
        shifts.add(shiftOf[axis]);
      }
    }
    if (extents.size() > 1 && shifts.getLast() == 0) {
      shifts.removeLast();
      long inner = extents.removeLast();
      extents.set(extents.size() - 1, extents.getLast() * inner);
      shifts.set(shifts.size() - 1, shifts.getLast() * inner);
    }
    MemorySegment layout = layout(op, toArray(extents), toArray(shifts));
    Buffer x = in.getFirst();
    Buffer y = out.getFirst();
    return () -> IndexKernels.roll(bf16, x.segment(), y.segment(), layout);
  }

  private static long[] toArray(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).toArray();
  }

  /** {@link #MAX_AXES} extents, then as many strides or shifts, filled up in front; lives as long as its launch. */
  private static MemorySegment layout(Op op, long[] extents, long[] others) {
    if (extents.length > MAX_AXES) {
      throw new IllegalArgumentException(op + ": expected at most " + MAX_AXES + " axes, found " + extents.length);
    }
    long[] layout = new long[2 * MAX_AXES];
    Arrays.fill(layout, 0, MAX_AXES, 1);
    System.arraycopy(extents, 0, layout, MAX_AXES - extents.length, extents.length);
    System.arraycopy(others, 0, layout, 2 * MAX_AXES - others.length, others.length);
    return Arena.ofAuto().allocateFrom(JAVA_LONG, layout);
  }
}
