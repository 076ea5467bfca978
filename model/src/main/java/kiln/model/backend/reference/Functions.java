package kiln.model.backend.reference;

import kiln.model.op.Unary;

/** The elementwise functions and their derivatives, in double. */
final class Functions {
  private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);

  /** The cubic coefficient of GELU's approximation by tanh (Hendrycks and Gimpel 2016). */
  private static final double CUBIC = 0.044715;

  private Functions() {}

  static double value(Unary.Function function, double x) {
    return switch (function) {
      case EXP -> Math.exp(x);
      case SIGMOID -> sigmoid(x);
      case TANH -> Math.tanh(x);
      case SILU -> x * sigmoid(x);
      case GELU -> x * normalCumulative(x);
      case GELU_TANH -> 0.5 * x * (1 + Math.tanh(SQRT_2_OVER_PI * (x + CUBIC * x * x * x)));
      case SQUARE -> x * x;
      case RELU -> Math.max(x, 0);
    };
  }

  static double derivative(Unary.Function function, double x) {
    return switch (function) {
      case EXP -> Math.exp(x);
      case SIGMOID -> sigmoid(x) * (1 - sigmoid(x));
      case TANH -> 1 - Math.tanh(x) * Math.tanh(x);
      case SILU -> sigmoid(x) * (1 + x * (1 - sigmoid(x)));
      case GELU -> normalCumulative(x) + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
      case GELU_TANH -> {
        double t = Math.tanh(SQRT_2_OVER_PI * (x + CUBIC * x * x * x));
        yield 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * SQRT_2_OVER_PI * (1 + 3 * CUBIC * x * x);
      }
      case SQUARE -> 2 * x;
      case RELU -> x > 0 ? 1 : 0;
    };
  }

  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** Φ(x), the cumulative distribution of N(0, 1). */
  private static double normalCumulative(double x) {
    return 0.5 * (1 + erf(x / Math.sqrt(2)));
  }

  /** erf(x) = 2/√π · exp(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (2n+1)!!, a series of positive terms, hence without cancellation. */
  private static double erf(double x) {
    if (Math.abs(x) > 6) {
      return Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }
}
