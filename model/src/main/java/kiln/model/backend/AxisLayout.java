package kiln.model.backend;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kiln.model.graph.Shape;
import kiln.model.op.Op;
import kiln.model.op.Permute;
import kiln.model.op.Roll;

/**
 * How the kernels that reorder or shift axes are told what to do: {@value #MAX_AXES} extents, then as many strides or shifts, with
 * neighbouring axes joined where they stay together, filled up in front.
 *
 * @param numbers extents of the output and, for each of its axes, the stride in the input (Permute) or the shift (Roll)
 * @param unit of Permute: the axis that is contiguous in the input, {@value #MAX_AXES} − 1 if that is the last one; else 0
 */
public record AxisLayout(long[] numbers, int unit) {
  /** Axes that the kernels loop over. */
  public static final int MAX_AXES = 6;

  /** One axis of the output of a permutation. */
  private record Axis(long extent, long stride) {}

  /**
   * @throws IllegalArgumentException if there are too many axes
   */
  public static AxisLayout of(Permute op, Shape shape) {
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
    int contiguous = axes.isEmpty() ? 0 : axes.stream().map(Axis::stride).toList().indexOf(1L);
    int unit = axes.isEmpty() ? MAX_AXES - 1 : MAX_AXES - axes.size() + contiguous;
    return new AxisLayout(joined(op, extents, axes.stream().mapToLong(Axis::stride).toArray()), unit);
  }

  /**
   * @throws IllegalArgumentException if there are too many axes
   */
  public static AxisLayout of(Roll op, Shape shape) {
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
    return new AxisLayout(joined(op, toArray(extents), toArray(shifts)), 0);
  }

  private static long[] toArray(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).toArray();
  }

  private static long[] joined(Op op, long[] extents, long[] others) {
    if (extents.length > MAX_AXES) {
      throw new IllegalArgumentException(op + ": expected at most " + MAX_AXES + " axes, found " + extents.length);
    }
    long[] layout = new long[2 * MAX_AXES];
    Arrays.fill(layout, 0, MAX_AXES, 1);
    System.arraycopy(extents, 0, layout, MAX_AXES - extents.length, extents.length);
    System.arraycopy(others, 0, layout, 2 * MAX_AXES - others.length, others.length);
    return layout;
  }
}
