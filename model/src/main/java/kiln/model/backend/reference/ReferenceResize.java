package kiln.model.backend.reference;

import kiln.model.op.AvgPool2d;
import kiln.model.op.AvgPool2dGrad;

/** Pooling and nearest-neighbour resizing of maps [N, H, W, C]. */
final class ReferenceResize {
  private ReferenceResize() {}

  static void avgPool(AvgPool2d op, Tensor x, Tensor y) {
    int area = op.kernel() * op.kernel();
    for (long i = 0; i < y.elements(); i++) {
      double sum = 0;
      for (int k = 0; k < area; k++) {
        int row = row(y, i) * op.stride() + k / op.kernel();
        int column = column(y, i) * op.stride() + k % op.kernel();
        sum += x.get(pixel(x, sample(y, i), row, column) + i % y.dim(3));
      }
      y.set(i, sum / area);
    }
  }

  static void avgPoolGrad(AvgPool2dGrad op, Tensor dy, Tensor dx) {
    int area = op.kernel() * op.kernel();
    double[] sums = new double[Math.toIntExact(dx.elements())];
    for (long i = 0; i < dy.elements(); i++) {
      for (int k = 0; k < area; k++) {
        int row = row(dy, i) * op.stride() + k / op.kernel();
        int column = column(dy, i) * op.stride() + k % op.kernel();
        sums[(int) (pixel(dx, sample(dy, i), row, column) + i % dy.dim(3))] += dy.get(i);
      }
    }
    for (int i = 0; i < sums.length; i++) {
      dx.set(i, sums[i] / area);
    }
  }

  static void upsample(Tensor x, Tensor y) {
    for (long i = 0; i < y.elements(); i++) {
      y.set(i, x.get(source(x, y, i)));
    }
  }

  static void upsampleGrad(Tensor dy, Tensor dx) {
    double[] sums = new double[Math.toIntExact(dx.elements())];
    for (long i = 0; i < dy.elements(); i++) {
      sums[(int) source(dx, dy, i)] += dy.get(i);
    }
    for (int i = 0; i < sums.length; i++) {
      dx.set(i, sums[i]);
    }
  }

  /** The element of the small map that element {@code i} of the large one repeats. */
  private static long source(Tensor small, Tensor large, long i) {
    int row = (int) ((long) row(large, i) * small.dim(1) / large.dim(1));
    int column = (int) ((long) column(large, i) * small.dim(2) / large.dim(2));
    return pixel(small, sample(large, i), row, column) + i % large.dim(3);
  }

  private static int sample(Tensor t, long i) {
    return (int) (i / t.shape().product(1, 4));
  }

  private static int row(Tensor t, long i) {
    return (int) (i / t.shape().product(2, 4) % t.dim(1));
  }

  private static int column(Tensor t, long i) {
    return (int) (i / t.dim(3) % t.dim(2));
  }

  /** Flat index of the first channel of a pixel. */
  private static long pixel(Tensor t, int n, int row, int column) {
    return (((long) n * t.dim(1) + row) * t.dim(2) + column) * t.dim(3);
  }
}
