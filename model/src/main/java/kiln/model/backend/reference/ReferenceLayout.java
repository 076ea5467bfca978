package kiln.model.backend.reference;

import kiln.model.graph.Shape;
import kiln.model.op.Concat;
import kiln.model.op.Pad;
import kiln.model.op.Permute;
import kiln.model.op.Roll;
import kiln.model.op.Slice;
import kiln.model.op.Span;
import kiln.model.op.Sum;

/** Operations that move, repeat or add up elements. */
final class ReferenceLayout {
  private ReferenceLayout() {}

  static void copy(Tensor x, Tensor y) {
    for (long i = 0; i < y.elements(); i++) {
      y.copy(i, x, i);
    }
  }

  static void broadcast(Tensor x, Tensor y) {
    Span span = Span.broadcast(x.shape(), y.shape());
    for (long i = 0; i < y.elements(); i++) {
      y.set(i, x.get(i / (span.middle() * span.inner()) * span.inner() + i % span.inner()));
    }
  }

  static void sum(Sum op, Tensor x, Tensor y) {
    Span span = Span.of(x.shape(), op.first(), op.end());
    for (long i = 0; i < y.elements(); i++) {
      long outer = i / span.inner();
      double sum = 0;
      for (long m = 0; m < span.middle(); m++) {
        sum += x.get((outer * span.middle() + m) * span.inner() + i % span.inner());
      }
      y.set(i, sum);
    }
  }

  static void concat(Concat op, Tensor[] inputs, Tensor y) {
    int start = 0;
    for (Tensor x : inputs) {
      move(x, y, op.axis(), x.dim(op.axis()), 0, start);
      start += x.dim(op.axis());
    }
  }

  static void slice(Slice op, Tensor x, Tensor y) {
    move(x, y, op.axis(), op.length(), op.start(), 0);
  }

  static void pad(Pad op, Tensor x, Tensor y) {
    y.fill(0);
    move(x, y, op.axis(), x.dim(op.axis()), 0, op.before());
  }

  /** Copies {@code length} entries of {@code axis}, from entry {@code fromX} of x to entry {@code toY} of y. */
  private static void move(Tensor x, Tensor y, int axis, int length, int fromX, int toY) {
    Span source = Span.of(x.shape(), axis, axis + 1);
    long extent = y.dim(axis);
    for (long outer = 0; outer < source.outer(); outer++) {
      for (int m = 0; m < length; m++) {
        for (long inner = 0; inner < source.inner(); inner++) {
          long from = (outer * source.middle() + fromX + m) * source.inner() + inner;
          y.copy((outer * extent + toY + m) * source.inner() + inner, x, from);
        }
      }
    }
  }

  static void permute(Permute op, Tensor x, Tensor y) {
    int rank = x.shape().rank();
    int[] source = new int[rank];
    for (long i = 0; i < y.elements(); i++) {
      int[] target = coordinates(y.shape(), i);
      for (int axis = 0; axis < rank; axis++) {
        source[op.axes().get(axis)] = target[axis];
      }
      y.copy(i, x, index(x.shape(), source));
    }
  }

  static void roll(Roll op, Tensor x, Tensor y) {
    for (long i = 0; i < x.elements(); i++) {
      int[] target = coordinates(x.shape(), i);
      for (int s = 0; s < op.axes().size(); s++) {
        int axis = op.axes().get(s);
        target[axis] = Math.floorMod(target[axis] + op.shifts().get(s), x.dim(axis));
      }
      y.copy(index(y.shape(), target), x, i);
    }
  }

  private static int[] coordinates(Shape shape, long index) {
    int[] coordinates = new int[shape.rank()];
    long rest = index;
    for (int axis = shape.rank() - 1; axis >= 0; axis--) {
      coordinates[axis] = (int) (rest % shape.dim(axis));
      rest /= shape.dim(axis);
    }
    return coordinates;
  }

  private static long index(Shape shape, int[] coordinates) {
    long index = 0;
    for (int axis = 0; axis < shape.rank(); axis++) {
      index = index * shape.dim(axis) + coordinates[axis];
    }
    return index;
  }
}
