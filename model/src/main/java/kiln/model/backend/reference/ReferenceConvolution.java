package kiln.model.backend.reference;

import kiln.model.op.Conv2d;
import kiln.model.op.Conv2dInputGrad;
import kiln.model.op.Conv2dWeightGrad;
import kiln.model.op.ConvGeometry;

/** Convolutions. The three kernels walk the same products; they differ in which factor they sum into. */
final class ReferenceConvolution {
  private ReferenceConvolution() {}

  /** y[n, oy, ox, o] = bias[o] + Σ x[n, iy, ix, c]·w[o, c, ky, kx]. */
  static void forward(Conv2d op, Tensor[] inputs, Tensor y) {
    Tensor x = inputs[0];
    Tensor w = inputs[1];
    long i = 0;
    for (int n = 0; n < y.dim(0); n++) {
      for (int oy = 0; oy < y.dim(1); oy++) {
        for (int ox = 0; ox < y.dim(2); ox++) {
          for (int o = 0; o < y.dim(3); o++) {
            double bias = inputs.length == 3 ? inputs[2].get(o) : 0;
            y.set(i++, bias + window(op.geometry(), x, w, n, oy, ox, o));
          }
        }
      }
    }
  }

  private static double window(ConvGeometry g, Tensor x, Tensor w, int n, int oy, int ox, int o) {
    int channels = w.dim(1);
    int firstChannel = o / (w.dim(0) / g.groups()) * channels;
    double sum = 0;
    for (int ky = 0; ky < w.dim(2); ky++) {
      int iy = oy * g.strideH() + ky * g.dilationH() - g.padTop();
      for (int kx = 0; kx < w.dim(3); kx++) {
        int ix = ox * g.strideW() + kx * g.dilationW() - g.padLeft();
        if (iy < 0 || iy >= x.dim(1) || ix < 0 || ix >= x.dim(2)) {
          continue;
        }
        for (int c = 0; c < channels; c++) {
          sum += (double) x.get(map(x, n, iy, ix, firstChannel + c)) * w.get(map(w, o, c, ky, kx));
        }
      }
    }
    return sum;
  }

  /** dx[n, iy, ix, c] = Σ dy[n, oy, ox, o]·w[o, c, ky, kx] over the windows that saw the pixel. */
  static void inputGrad(Conv2dInputGrad op, Tensor dy, Tensor w, Tensor dx) {
    long i = 0;
    for (int n = 0; n < dx.dim(0); n++) {
      for (int iy = 0; iy < dx.dim(1); iy++) {
        for (int ix = 0; ix < dx.dim(2); ix++) {
          for (int c = 0; c < dx.dim(3); c++) {
            dx.set(i++, seen(op.geometry(), dy, w, n, iy, ix, c));
          }
        }
      }
    }
  }

  private static double seen(ConvGeometry g, Tensor dy, Tensor w, int n, int iy, int ix, int c) {
    int outputs = w.dim(0) / g.groups();
    int firstOutput = c / w.dim(1) * outputs;
    double sum = 0;
    for (int ky = 0; ky < w.dim(2); ky++) {
      int top = iy + g.padTop() - ky * g.dilationH();
      for (int kx = 0; kx < w.dim(3); kx++) {
        int left = ix + g.padLeft() - kx * g.dilationW();
        int oy = top / g.strideH();
        int ox = left / g.strideW();
        boolean starts = top >= 0 && left >= 0 && top % g.strideH() == 0 && left % g.strideW() == 0;
        if (!starts || oy >= dy.dim(1) || ox >= dy.dim(2)) {
          continue;
        }
        for (int o = firstOutput; o < firstOutput + outputs; o++) {
          sum += (double) dy.get(map(dy, n, oy, ox, o)) * w.get(map(w, o, c % w.dim(1), ky, kx));
        }
      }
    }
    return sum;
  }

  /** dw[o, c, ky, kx] = Σ x[n, iy, ix, c]·dy[n, oy, ox, o] over all windows. */
  static void weightGrad(Conv2dWeightGrad op, Tensor x, Tensor dy, Tensor dw) {
    long i = 0;
    for (int o = 0; o < dw.dim(0); o++) {
      for (int c = 0; c < dw.dim(1); c++) {
        for (int ky = 0; ky < dw.dim(2); ky++) {
          for (int kx = 0; kx < dw.dim(3); kx++) {
            int firstChannel = o / (dw.dim(0) / op.geometry().groups()) * dw.dim(1);
            dw.set(i++, used(op.geometry(), x, dy, o, firstChannel + c, ky, kx));
          }
        }
      }
    }
  }

  private static double used(ConvGeometry g, Tensor x, Tensor dy, int o, int channel, int ky, int kx) {
    double sum = 0;
    for (int oy = 0; oy < dy.dim(1); oy++) {
      int iy = oy * g.strideH() + ky * g.dilationH() - g.padTop();
      for (int ox = 0; ox < dy.dim(2); ox++) {
        int ix = ox * g.strideW() + kx * g.dilationW() - g.padLeft();
        if (iy < 0 || iy >= x.dim(1) || ix < 0 || ix >= x.dim(2)) {
          continue;
        }
        for (int n = 0; n < x.dim(0); n++) {
          sum += (double) x.get(map(x, n, iy, ix, channel)) * dy.get(map(dy, n, oy, ox, o));
        }
      }
    }
    return sum;
  }

  /** Flat index of element [a, b, c, d]. */
  private static long map(Tensor t, int a, int b, int c, int d) {
    return (((long) a * t.dim(1) + b) * t.dim(2) + c) * t.dim(3) + d;
  }
}
