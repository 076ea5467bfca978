package kiln.model.graph;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Extents of a dense row-major tensor; feature maps are NHWC, token tensors [N, L, C]. A scalar has rank 0. */
public final class Shape {
  public static final Shape SCALAR = new Shape();

  private final int[] dims;

  private Shape(int... dims) {
    this.dims = dims;
  }

  /**
   * @throws IllegalArgumentException if an extent is negative or the element count overflows a long
   */
  public static Shape of(int... dims) {
    long elements = 1;
    for (int dim : dims) {
      if (dim < 0) {
        throw new IllegalArgumentException("negative extent in " + Arrays.toString(dims));
      }
      elements = Math.multiplyExact(elements, (long) dim);
    }
    return dims.length == 0 ? SCALAR : new Shape(dims.clone());
  }

  public int rank() {
    return dims.length;
  }

  /** Extent of an axis; negative axes count from the end. */
  public int dim(int axis) {
    return dims[axis < 0 ? axis + dims.length : axis];
  }

  public int last() {
    return dim(-1);
  }

  public int[] dims() {
    return dims.clone();
  }

  public long elements() {
    return product(0, dims.length);
  }

  /** Product of the extents of axes {@code from} (inclusive) to {@code to} (exclusive). */
  public long product(int from, int to) {
    long product = 1;
    for (int i = from; i < to; i++) {
      product *= dims[i];
    }
    return product;
  }

  /** This shape with one axis replaced; negative axes count from the end. */
  public Shape with(int axis, int extent) {
    int[] copy = dims.clone();
    copy[axis < 0 ? axis + dims.length : axis] = extent;
    return of(copy);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** As in {@code [2, 16, 16, 4]}. */
  @Override
  public String toString() {
    return Arrays.stream(dims).mapToObj(Integer::toString).collect(Collectors.joining(", ", "[", "]"));
  }
}
