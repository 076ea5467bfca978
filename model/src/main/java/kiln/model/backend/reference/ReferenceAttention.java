package kiln.model.backend.reference;

import kiln.model.op.Attention;
import kiln.model.op.AttentionGrad;

/** Attention, head by head, with the whole matrix of probabilities. */
final class ReferenceAttention {
  /** What a dropped key scores: finite, so that a row whose keys are all dropped attends evenly. */
  private static final double DROPPED = -Float.MAX_VALUE;

  private ReferenceAttention() {}

  static void forward(Attention op, Tensor[] inputs, Tensor y, Tensor probabilities) {
    int heads = op.numHeads();
    int keys = inputs[1].dim(1);
    double[] scores = new double[keys];
    for (int b = 0; b < y.dim(0); b++) {
      for (int h = 0; h < heads; h++) {
        for (int i = 0; i < y.dim(1); i++) {
          for (int j = 0; j < keys; j++) {
            scores[j] = score(op, inputs, b, h, i, j);
          }
          softmax(scores);
          for (int j = 0; j < keys; j++) {
            probabilities.set(at(probabilities, b, h, i, j), scores[j]);
          }
          mix(scores, inputs[2], y, heads, b, h, i);
        }
      }
    }
  }

  private static double score(Attention op, Tensor[] inputs, int b, int h, int i, int j) {
    if (op.mask() && broadcast(inputs[inputs.length - 1], b, h, i, j) == 0) {
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

  private static void softmax(double[] scores) {
    double max = Double.NEGATIVE_INFINITY;
    for (double score : scores) {
      max = Math.max(max, score);
    }
    double sum = 0;
    for (int j = 0; j < scores.length; j++) {
      scores[j] = Math.exp(scores[j] - max);
      sum += scores[j];
    }
    for (int j = 0; j < scores.length; j++) {
      scores[j] /= sum;
    }
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

  /** dv = pᵀ·dy; ds = p∘(dp − Σ p∘dp) with dp = dy·vᵀ; dq = scale·ds·k; dk = scale·dsᵀ·q. */
  static void gradient(AttentionGrad op, Tensor[] inputs, Tensor[] outputs) {
    Tensor q = inputs[0];
    Tensor k = inputs[1];
    Tensor p = inputs[3];
    Tensor dy = inputs[4];
    Tensor ds = outputs[3];
    int heads = op.numHeads();
    for (int b = 0; b < q.dim(0); b++) {
      for (int h = 0; h < heads; h++) {
        for (int i = 0; i < q.dim(1); i++) {
          scoreGradients(inputs, ds, heads, b, h, i);
        }
        for (int d = 0; d < q.dim(2) / heads; d++) {
          for (int i = 0; i < q.dim(1); i++) {
            double sum = 0;
            for (int j = 0; j < k.dim(1); j++) {
              sum += (double) ds.get(at(ds, b, h, i, j)) * k.get(head(k, heads, b, h, j, d));
            }
            outputs[0].set(head(q, heads, b, h, i, d), sum * op.scale());
          }
          for (int j = 0; j < k.dim(1); j++) {
            double sum = 0;
            for (int i = 0; i < q.dim(1); i++) {
              sum += (double) ds.get(at(ds, b, h, i, j)) * q.get(head(q, heads, b, h, i, d));
            }
            outputs[1].set(head(k, heads, b, h, j, d), sum * op.scale());
          }
        }
        for (int j = 0; j < k.dim(1); j++) {
          for (int d = 0; d < dy.dim(2) / heads; d++) {
            double sum = 0;
            for (int i = 0; i < q.dim(1); i++) {
              sum += (double) p.get(at(p, b, h, i, j)) * dy.get(head(dy, heads, b, h, i, d));
            }
            outputs[2].set(head(outputs[2], heads, b, h, j, d), sum);
          }
        }
      }
    }
  }

  private static void scoreGradients(Tensor[] inputs, Tensor ds, int heads, int b, int h, int i) {
    Tensor v = inputs[2];
    Tensor p = inputs[3];
    Tensor dy = inputs[4];
    double[] dp = new double[v.dim(1)];
    double mean = 0;
    for (int j = 0; j < dp.length; j++) {
      for (int d = 0; d < v.dim(2) / heads; d++) {
        dp[j] += (double) dy.get(head(dy, heads, b, h, i, d)) * v.get(head(v, heads, b, h, j, d));
      }
      mean += dp[j] * p.get(at(p, b, h, i, j));
    }
    for (int j = 0; j < dp.length; j++) {
      ds.set(at(ds, b, h, i, j), p.get(at(p, b, h, i, j)) * (dp[j] - mean));
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
