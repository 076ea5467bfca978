package kiln.model.backend.reference;

import kiln.model.op.LayerNorm;
import kiln.model.op.RmsNorm;

/** Normalisations over the last axis. */
final class ReferenceRowNorms {
  private ReferenceRowNorms() {}

  static void layerNorm(LayerNorm op, Tensor[] inputs, Tensor[] outputs) {
    Tensor x = inputs[0];
    int width = x.dim(-1);
    for (long row = 0; row < x.elements() / width; row++) {
      double sum = 0;
      for (int c = 0; c < width; c++) {
        sum += x.get(row * width + c);
      }
      double mean = sum / width;
      double squares = 0;
      for (int c = 0; c < width; c++) {
        double centred = x.get(row * width + c) - mean;
        squares += centred * centred;
      }
      double rstd = 1 / Math.sqrt(squares / width + op.epsilon());
      for (int c = 0; c < width; c++) {
        outputs[0].set(row * width + c, (x.get(row * width + c) - mean) * rstd * inputs[1].get(c) + inputs[2].get(c));
      }
      outputs[1].set(row, mean);
      outputs[2].set(row, rstd);
    }
  }

  /** As for group normalisation, with a row as the group. */
  static void layerNormGrad(Tensor[] inputs, Tensor[] outputs) {
    Tensor x = inputs[0];
    Tensor weight = inputs[1];
    Tensor dy = inputs[5];
    int width = x.dim(-1);
    double[] dw = new double[width];
    double[] db = new double[width];
    for (long row = 0; row < x.elements() / width; row++) {
      float mean = inputs[3].get(row);
      float rstd = inputs[4].get(row);
      double sum = 0;
      double sumNormal = 0;
      for (int c = 0; c < width; c++) {
        double normal = ((double) x.get(row * width + c) - mean) * rstd;
        double h = dy.get(row * width + c);
        sum += h * weight.get(c);
        sumNormal += h * weight.get(c) * normal;
        dw[c] += h * normal;
        db[c] += h;
      }
      for (int c = 0; c < width; c++) {
        double normal = ((double) x.get(row * width + c) - mean) * rstd;
        double h = (double) dy.get(row * width + c) * weight.get(c);
        outputs[0].set(row * width + c, rstd * (h - sum / width - normal * sumNormal / width));
      }
    }
    for (int c = 0; c < width; c++) {
      outputs[1].set(c, dw[c]);
      outputs[2].set(c, db[c]);
    }
  }

  static void rmsNorm(RmsNorm op, Tensor[] inputs, Tensor[] outputs) {
    Tensor x = inputs[0];
    int width = x.dim(-1);
    for (long row = 0; row < x.elements() / width; row++) {
      double squares = 0;
      for (int c = 0; c < width; c++) {
        squares += (double) x.get(row * width + c) * x.get(row * width + c);
      }
      double rstd = 1 / Math.sqrt(squares / width + op.epsilon());
      for (int c = 0; c < width; c++) {
        outputs[0].set(row * width + c, x.get(row * width + c) * rstd * inputs[1].get(c));
      }
      outputs[1].set(row, rstd);
    }
  }

  /** dx = rstd·(dy·w − x̂·mean(dy·w·x̂)) with x̂ = x·rstd; dw = Σ dy·x̂. */
  static void rmsNormGrad(Tensor[] inputs, Tensor[] outputs) {
    Tensor x = inputs[0];
    Tensor weight = inputs[1];
    Tensor dy = inputs[3];
    int width = x.dim(-1);
    double[] dw = new double[width];
    for (long row = 0; row < x.elements() / width; row++) {
      float rstd = inputs[2].get(row);
      double sumNormal = 0;
      for (int c = 0; c < width; c++) {
        double normal = (double) x.get(row * width + c) * rstd;
        sumNormal += (double) dy.get(row * width + c) * weight.get(c) * normal;
        dw[c] += dy.get(row * width + c) * normal;
      }
      for (int c = 0; c < width; c++) {
        double normal = (double) x.get(row * width + c) * rstd;
        double h = (double) dy.get(row * width + c) * weight.get(c);
        outputs[0].set(row * width + c, rstd * (h - normal * sumNormal / width));
      }
    }
    for (int c = 0; c < width; c++) {
      outputs[1].set(c, dw[c]);
    }
  }
}
