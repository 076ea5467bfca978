package kiln.model.backend.reference;

import kiln.model.op.Attention;
import kiln.model.op.AttentionGrad;

/** Attention, row by row of scores. */
final class ReferenceAttention {
  /** What a dropped key scores: finite, so that a row whose keys are all dropped attends evenly. */
  private static final double DROPPED = -Float.MAX_VALUE;

  private ReferenceAttention() {}

  static void forward(Attention op, Tensor[] inputs, Tensor y, Tensor logSumExp) {
    int heads = op.numHeads();
    double[] scores = new double[inputs[1].dim(1)];
    for (int b = 0; b < y.dim(0); b++) {
      for (int h = 0; h < heads; h++) {
        for (int i = 0; i < y.dim(1); i++) {
          double logSum = probabilities(op, inputs, scores, b, h, i);
          logSumExp.set(((long) b * heads + h) * y.dim(1) + i, logSum);
          mix(scores, inputs[2], y, heads, b, h, i);
        }
      }
    }
  }

  /** Fills in those of row i; returns the logarithm of the sum of exponentials. */
  private static double probabilities(Attention op, Tensor[] inputs, double[] p, int b, int h, int i) {
    double max = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < p.length; j++) {
      p[j] = score(op, inputs, b, h, i, j);
      max = Math.max(max, p[j]);
    }
    double sum = 0;
    for (int j = 0; j < p.length; j++) {
      p[j] = Math.exp(p[j] - max);
      sum += p[j];
    }
    for (int j = 0; j < p.length; j++) {
      p[j] /= sum;
    }
    return max + Math.log(sum);
  }

  private static double score(Attention op, Tensor[] inputs, int b, int h, int i, int j) {
    if (op.mask() && broadcast(inputs[op.bias() ? 4 : 3], b, h, i, j) == 0) {
      return DROPPED;
    }
    Tensor q = inputs[0];
    Tensor k = inputs[1];
    double sum = 0;
    for (int d = 0; d < q.dim(2) / op.numHeads(); d++) {
      sum += (double) q.get(head(q, op.numHeads(), b, h, i, d)) * k.get(head(k, op.numHeads(), b, h, j, d));
    }
    return sum * op.scale() + (op.bias() ? broadcast(inputs[3], b, h, i, j) : 0);
  }

  private static void mix(double[] probabilities, Tensor v, Tensor y, int heads, int b, int h, int i) {
    for (int d = 0; d < y.dim(2) / heads; d++) {
      double sum = 0;
      for (int j = 0; j < probabilities.length; j++) {
        sum += probabilities[j] * v.get(head(v, heads, b, h, j, d));
      }
      y.set(head(y, heads, b, h, i, d), sum);
    }
  }

  /** dv = pᵀ·dy; ds = p∘(dp − Σ p∘dp) with dp = dy·vᵀ; dq = scale·ds·k; dk = scale·dsᵀ·q; the bias' gradient is ds. */
  static void gradient(AttentionGrad op, Tensor[] inputs, Tensor[] outputs) {
    Attention attention = new Attention(op.numHeads(), op.scale(), op.bias(), op.mask());
    Tensor q = inputs[0];
    int heads = op.numHeads();
    double[][] p = new double[q.dim(1)][inputs[1].dim(1)];
    double[][] ds = new double[q.dim(1)][inputs[1].dim(1)];
    for (int b = 0; b < q.dim(0); b++) {
      for (int h = 0; h < heads; h++) {
        for (int i = 0; i < q.dim(1); i++) {
          probabilities(attention, inputs, p[i], b, h, i);
          scoreGradients(inputs, p[i], ds[i], heads, b, h, i);
        }
        multiply(ds, inputs[1], outputs[0], op.scale(), heads, b, h);
        multiply(transposed(ds), q, outputs[1], op.scale(), heads, b, h);
        multiply(transposed(p), inputs[inputs.length - 1], outputs[2], 1, heads, b, h);
        if (op.bias()) {
          addBiasGradient(ds, outputs[3], b, h);
        }
      }
    }
  }

  private static void scoreGradients(Tensor[] inputs, double[] p, double[] ds, int heads, int b, int h, int i) {
    Tensor v = inputs[2];
    Tensor dy = inputs[inputs.length - 1];
    double mean = 0;
    for (int j = 0; j < p.length; j++) {
      ds[j] = 0;
      for (int d = 0; d < v.dim(2) / heads; d++) {
        ds[j] += (double) dy.get(head(dy, heads, b, h, i, d)) * v.get(head(v, heads, b, h, j, d));
      }
      mean += ds[j] * p[j];
    }
    for (int j = 0; j < p.length; j++) {
      ds[j] = p[j] * (ds[j] - mean);
    }
  }

  /** One head of the result = scale · a · the same head of x. */
  private static void multiply(double[][] a, Tensor x, Tensor result, float scale, int heads, int b, int h) {
    for (int i = 0; i < a.length; i++) {
      for (int d = 0; d < x.dim(2) / heads; d++) {
        double sum = 0;
        for (int j = 0; j < a[i].length; j++) {
          sum += a[i][j] * x.get(head(x, heads, b, h, j, d));
        }
        result.set(head(result, heads, b, h, i, d), sum * scale);
      }
    }
  }

  private static double[][] transposed(double[][] a) {
    double[][] result = new double[a[0].length][a.length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < a[i].length; j++) {
        result[j][i] = a[i][j];
      }
    }
    return result;
  }

  /** Adds over the batch if the bias is one for all of it. */
  private static void addBiasGradient(double[][] ds, Tensor gradient, int b, int h) {
    boolean shared = gradient.dim(0) == 1;
    for (int i = 0; i < ds.length; i++) {
      for (int j = 0; j < ds[i].length; j++) {
        long place = at(gradient, shared ? 0 : b, h, i, j);
        gradient.set(place, ds[i][j] + (shared && b > 0 ? gradient.get(place) : 0));
      }
    }
  }

  /** Flat index of component d of head h in row i of a tensor [B, L, heads·D]. */
  private static long head(Tensor t, int heads, int b, int h, int i, int d) {
    int width = t.dim(2) / heads;
    return ((long) b * t.dim(1) + i) * t.dim(2) + (long) h * width + d;
  }

  /** Flat index in a tensor of rank 4. */
  private static long at(Tensor t, int a, int b, int c, int d) {
    return (((long) a * t.dim(1) + b) * t.dim(2) + c) * t.dim(3) + d;
  }

  /** Element of a tensor of rank 4 whose axes of extent 1 are repeated. */
  private static float broadcast(Tensor t, int a, int b, int c, int d) {
    return t.get(at(t, t.dim(0) == 1 ? 0 : a, t.dim(1) == 1 ? 0 : b, t.dim(2) == 1 ? 0 : c, t.dim(3) == 1 ? 0 : d));
  }
}
