package kiln.model.backend.reference;

import kiln.model.op.CrossEntropy;
import kiln.model.op.CrossEntropyGrad;
import kiln.model.op.Softmax;
import kiln.model.op.SoftmaxGrad;

/** Softmax and losses. */
final class ReferenceLosses {
  private ReferenceLosses() {}

  /** log Σ exp of the row that starts at {@code start}. */
  private static double logSumExp(Tensor x, long start, int width) {
    double max = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < width; c++) {
      max = Math.max(max, x.get(start + c));
    }
    double sum = 0;
    for (int c = 0; c < width; c++) {
      sum += Math.exp(x.get(start + c) - max);
    }
    return max + Math.log(sum);
  }

  static void softmax(Softmax op, Tensor x, Tensor y) {
    int width = x.dim(-1);
    for (long start = 0; start < x.elements(); start += width) {
      double normaliser = logSumExp(x, start, width);
      for (int c = 0; c < width; c++) {
        double log = x.get(start + c) - normaliser;
        y.set(start + c, op.log() ? log : Math.exp(log));
      }
    }
  }

  static void softmaxGrad(SoftmaxGrad op, Tensor y, Tensor dy, Tensor dx) {
    int width = y.dim(-1);
    for (long start = 0; start < y.elements(); start += width) {
      double sum = 0;
      for (int c = 0; c < width; c++) {
        sum += op.log() ? dy.get(start + c) : (double) dy.get(start + c) * y.get(start + c);
      }
      for (int c = 0; c < width; c++) {
        float value = y.get(start + c);
        float gradient = dy.get(start + c);
        dx.set(start + c, op.log() ? gradient - Math.exp(value) * sum : value * (gradient - sum));
      }
    }
  }

  static void crossEntropy(CrossEntropy op, Tensor logits, Tensor labels, Tensor y) {
    int width = logits.dim(1);
    double total = 0;
    int count = 0;
    for (int row = 0; row < logits.dim(0); row++) {
      int label = labels.getInt(row);
      double loss = 0;
      if (label != op.ignoreIndex()) {
        double normaliser = logSumExp(logits, (long) row * width, width);
        for (int c = 0; c < width; c++) {
          loss += target(c, label, width, op.smoothing()) * (normaliser - logits.get((long) row * width + c));
        }
        count++;
      }
      total += loss;
      if (op.reduction() == CrossEntropy.Reduction.NONE) {
        y.set(row, loss);
      }
    }
    switch (op.reduction()) {
      case NONE -> {}
      case SUM -> y.set(0, total);
      case MEAN -> y.set(0, total / count);
    }
  }

  static void crossEntropyGrad(CrossEntropyGrad op, Tensor logits, Tensor labels, Tensor dy, Tensor dx) {
    int width = logits.dim(1);
    int count = 0;
    for (int row = 0; row < logits.dim(0); row++) {
      count += labels.getInt(row) != op.ignoreIndex() ? 1 : 0;
    }
    for (int row = 0; row < logits.dim(0); row++) {
      int label = labels.getInt(row);
      double scale =
          switch (op.reduction()) {
            case NONE -> dy.get(row);
            case SUM -> dy.get(0);
            case MEAN -> dy.get(0) / count;
          };
      double normaliser = logSumExp(logits, (long) row * width, width);
      for (int c = 0; c < width; c++) {
        double probability = Math.exp(logits.get((long) row * width + c) - normaliser);
        double gradient = scale * (probability - target(c, label, width, op.smoothing()));
        dx.set((long) row * width + c, label == op.ignoreIndex() ? 0 : gradient);
      }
    }
  }

  /** The probability that class c should have. */
  private static double target(int c, int label, int width, float smoothing) {
    return (c == label ? 1 - smoothing : 0) + smoothing / width;
  }

  static void weightedMse(Tensor[] inputs, Tensor loss, Tensor errors) {
    int samples = inputs[0].dim(0);
    long size = inputs[0].elements() / samples;
    double total = 0;
    for (int n = 0; n < samples; n++) {
      double sum = 0;
      for (long i = n * size; i < (n + 1) * size; i++) {
        double difference = (double) inputs[0].get(i) - inputs[1].get(i);
        sum += difference * difference;
      }
      double error = inputs[2].get(n) * sum / size;
      errors.set(n, error);
      total += error;
    }
    loss.set(0, total / samples);
  }

  static void weightedMseGrad(Tensor[] inputs, Tensor dx) {
    int samples = inputs[0].dim(0);
    long size = inputs[0].elements() / samples;
    for (long i = 0; i < dx.elements(); i++) {
      double difference = (double) inputs[0].get(i) - inputs[1].get(i);
      dx.set(i, 2 * difference * inputs[2].get(i / size) * inputs[3].get(0) / size / samples);
    }
  }
}
