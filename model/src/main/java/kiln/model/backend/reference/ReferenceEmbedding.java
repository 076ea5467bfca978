package kiln.model.backend.reference;

import kiln.model.op.CausalMask;
import kiln.model.op.EmbeddingGrad;
import kiln.model.op.RelativePositionBias;
import kiln.model.op.RelativePositionBiasGrad;
import kiln.model.op.RelativePositionBuckets;
import kiln.model.op.TimestepEmbedding;

/** Operations that look rows up, and the sinusoidal embedding. */
final class ReferenceEmbedding {
  private ReferenceEmbedding() {}

  static void lookup(Tensor table, Tensor ids, Tensor y) {
    int width = table.dim(1);
    for (long i = 0; i < y.elements(); i++) {
      y.set(i, table.get((long) ids.getInt(i / width) * width + i % width));
    }
  }

  static void lookupGrad(EmbeddingGrad op, Tensor ids, Tensor dy, Tensor table) {
    int width = table.dim(1);
    double[] sums = new double[Math.toIntExact(table.elements())];
    for (long i = 0; i < dy.elements(); i++) {
      int id = ids.getInt(i / width);
      if (id != op.paddingIndex()) {
        sums[(int) (id * (long) width + i % width)] += dy.get(i);
      }
    }
    store(sums, table);
  }

  static void relativePositionBias(RelativePositionBias op, Tensor table, Tensor y) {
    for (long i = 0; i < y.elements(); i++) {
      int head = (int) (i / ((long) op.queryLength() * op.keyLength()));
      int distance = (int) (i % op.keyLength()) - (int) (i / op.keyLength() % op.queryLength());
      int bucket = RelativePositionBuckets.bucket(distance, table.dim(0), op.maxDistance(), op.bidirectional());
      y.set(i, table.get((long) bucket * table.dim(1) + head));
    }
  }

  static void relativePositionBiasGrad(RelativePositionBiasGrad op, Tensor dy, Tensor table) {
    int queries = dy.dim(2);
    int keys = dy.dim(3);
    double[] sums = new double[Math.toIntExact(table.elements())];
    for (long i = 0; i < dy.elements(); i++) {
      int head = (int) (i / ((long) queries * keys));
      int distance = (int) (i % keys) - (int) (i / keys % queries);
      int bucket = RelativePositionBuckets.bucket(distance, op.numBuckets(), op.maxDistance(), op.bidirectional());
      sums[bucket * table.dim(1) + head] += dy.get(i);
    }
    store(sums, table);
  }

  private static void store(double[] sums, Tensor target) {
    for (int i = 0; i < sums.length; i++) {
      target.set(i, sums[i]);
    }
  }

  /** The angles are float32 on purpose: for large timesteps their rounding is visible, and weights are trained with it. */
  static void timesteps(TimestepEmbedding op, Tensor t, Tensor y) {
    int half = op.dim() / 2;
    y.fill(0);
    for (int n = 0; n < t.dim(0); n++) {
      for (int i = 0; i < half; i++) {
        float exponent = (float) -Math.log(op.maxPeriod()) * i / (half - op.frequencyShift());
        float angle = t.get(n) * (float) Math.exp(exponent);
        long first = (long) n * op.dim() + i;
        y.set(op.flipSinToCos() ? first + half : first, Math.sin(angle));
        y.set(op.flipSinToCos() ? first : first + half, Math.cos(angle));
      }
    }
  }

  static void causalMask(CausalMask op, Tensor y) {
    for (long i = 0; i < y.elements(); i++) {
      y.setInt(i, i % op.length() <= i / op.length() ? 1 : 0);
    }
  }

  static void selectRows(Tensor x, Tensor alternative, Tensor keep, Tensor y) {
    long width = alternative.elements();
    for (long i = 0; i < y.elements(); i++) {
      boolean kept = keep.getInt(i / width) != 0;
      y.copy(i, kept ? x : alternative, kept ? i : i % width);
    }
  }
}
