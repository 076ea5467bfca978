package kiln.model.backend.reference;

import kiln.model.op.GroupNorm;
import kiln.model.op.GroupNormGrad;
import kiln.model.op.Unary;

/** Group normalisation over [N, pixels, C]. */
final class ReferenceGroupNorm {
  private ReferenceGroupNorm() {}

  /** Walks the elements of a group of a sample: index in x, channel. */
  private interface Visitor {
    void visit(long index, int channel);
  }

  private static void group(Tensor x, int numGroups, int n, int group, Visitor visitor) {
    int channels = x.dim(-1);
    int width = channels / numGroups;
    long pixels = x.shape().product(1, x.shape().rank() - 1);
    for (long p = 0; p < pixels; p++) {
      for (int c = group * width; c < (group + 1) * width; c++) {
        visitor.visit((n * pixels + p) * channels + c, c);
      }
    }
  }

  static void forward(GroupNorm op, Tensor[] inputs, Tensor[] outputs) {
    Tensor x = inputs[0];
    long count = x.elements() / x.dim(0) / op.numGroups();
    for (int n = 0; n < x.dim(0); n++) {
      for (int g = 0; g < op.numGroups(); g++) {
        double[] sums = new double[2];
        group(x, op.numGroups(), n, g, (i, c) -> sums[0] += x.get(i));
        double mean = sums[0] / count;
        group(x, op.numGroups(), n, g, (i, c) -> sums[1] += (x.get(i) - mean) * (x.get(i) - mean));
        double rstd = 1 / Math.sqrt(sums[1] / count + op.epsilon());
        group(x, op.numGroups(), n, g, (i, c) -> {
          double y = (x.get(i) - mean) * rstd * inputs[1].get(c) + inputs[2].get(c);
          outputs[0].set(i, op.silu() ? Functions.value(Unary.Function.SILU, y) : y);
        });
        outputs[1].set((long) n * op.numGroups() + g, mean);
        outputs[2].set((long) n * op.numGroups() + g, rstd);
      }
    }
  }

  /**
   * With x̂ = (x − mean)·rstd and h the gradient before the weight: dx = rstd·(h·w − mean(h·w) − x̂·mean(h·w·x̂)), dw = Σ h·x̂,
   * db = Σ h.
   */
  static void gradient(GroupNormGrad op, Tensor[] inputs, Tensor[] outputs) {
    Tensor x = inputs[0];
    Tensor weight = inputs[1];
    long count = x.elements() / x.dim(0) / op.numGroups();
    double[] dw = new double[x.dim(-1)];
    double[] db = new double[x.dim(-1)];
    for (int n = 0; n < x.dim(0); n++) {
      for (int g = 0; g < op.numGroups(); g++) {
        float mean = inputs[3].get((long) n * op.numGroups() + g);
        float rstd = inputs[4].get((long) n * op.numGroups() + g);
        double[] sums = new double[2];
        group(x, op.numGroups(), n, g, (i, c) -> {
          double normal = ((double) x.get(i) - mean) * rstd;
          double h = beforeActivation(op, inputs, i, c, normal);
          sums[0] += h * weight.get(c);
          sums[1] += h * weight.get(c) * normal;
          dw[c] += h * normal;
          db[c] += h;
        });
        group(x, op.numGroups(), n, g, (i, c) -> {
          double normal = ((double) x.get(i) - mean) * rstd;
          double h = beforeActivation(op, inputs, i, c, normal);
          outputs[0].set(i, rstd * (h * weight.get(c) - sums[0] / count - normal * sums[1] / count));
        });
      }
    }
    for (int c = 0; c < dw.length; c++) {
      outputs[1].set(c, dw[c]);
      outputs[2].set(c, db[c]);
    }
  }

  /** The gradient of weight·x̂ + bias at one element, from the gradient of what follows it. */
  private static double beforeActivation(GroupNormGrad op, Tensor[] inputs, long i, int c, double normal) {
    float dy = inputs[5].get(i);
    double y = normal * inputs[1].get(c) + inputs[2].get(c);
    return op.silu() ? dy * Functions.derivative(Unary.Function.SILU, y) : dy;
  }
}
