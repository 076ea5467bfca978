package kiln.model.op;

import kiln.model.graph.Shape;

/**
 * A contiguous run of axes seen as the middle of {@code [outer, middle, inner]}: the form in which kernels see broadcasts,
 * sums, slices, pads and concatenations.
 */
public record Span(long outer, long middle, long inner) {
  /** Axes {@code first} (inclusive) to {@code end} (exclusive) of {@code shape} as the middle. */
  public static Span of(Shape shape, int first, int end) {
    return new Span(shape.product(0, first), shape.product(first, end), shape.product(end, shape.rank()));
  }

  /**
   * How {@code small} is repeated to fill {@code large}: it has extent 1 (or is missing, on the left) on one contiguous run of
   * axes and is equal elsewhere; {@code small} is then {@code [outer, inner]}.
   *
   * @throws IllegalArgumentException if the shapes are not related so
   */
  public static Span broadcast(Shape small, Shape large) {
    int missing = large.rank() - small.rank();
    int first = -1;
    int end = -1;
    for (int axis = 0; axis < large.rank(); axis++) {
      int extent = axis < missing ? 1 : small.dim(axis - missing);
      if (extent == large.dim(axis)) {
        continue;
      }
      boolean gap = end >= 0 && large.product(end, axis) != 1;
      if (extent != 1 || gap || missing < 0) {
        throw new IllegalArgumentException("cannot broadcast " + small + " to " + large + " over one run of axes");
      }
      first = first < 0 ? axis : first;
      end = axis + 1;
    }
    return first < 0 ? new Span(1, 1, large.elements()) : of(large, first, end);
  }
}
