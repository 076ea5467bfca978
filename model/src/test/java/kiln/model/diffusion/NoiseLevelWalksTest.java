package kiln.model.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import kiln.model.Golden;
import kiln.model.Tolerances;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Euler ancestral, and Karras' noise levels, against a second writing in float64, from the papers' formulas: everything for
 * samples x₀ + σε, a denoiser D(x, σ), and the training step of σ found by bisection.
 */
class NoiseLevelWalksTest {
  private static final double RTOL = Golden.tolerances().of("schedulers").get("rtol_per_step").doubleValue();
  private static final int NUM_TRAIN = 1000;
  private static final int SIZE = 60;

  record Case(SamplerKind kind, boolean karras, PredictionType type, TimestepSpacing spacing, int steps) {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (PredictionType type : PredictionType.values()) {
      for (TimestepSpacing spacing : TimestepSpacing.values()) {
        cases.add(new Case(SamplerKind.EULER, false, type, spacing, 7));
        cases.add(new Case(SamplerKind.EULER, true, type, spacing, 10));
        cases.add(new Case(SamplerKind.EULER_A, false, type, spacing, 10));
        cases.add(new Case(SamplerKind.EULER_A, true, type, spacing, 13));
        cases.add(new Case(SamplerKind.DPMPP, true, type, spacing, 20));
      }
    }
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shouldWalkAsWrittenInDouble(Case walk) {
    NoiseSchedule schedule =
        new NoiseSchedule(
            NUM_TRAIN, 0.00085, 0.012, BetaSchedule.SCALED_LINEAR, null, walk.type(), false, walk.spacing(), 1,
            false, 1, true);
    Sampler sampler =
        SchedulerConfig.of(walk.kind(), schedule).sampler(new SamplerSettings(walk.kind(), walk.steps(), 0, walk.karras()));
    double[] sigmas = sigmas(walk);
    float[] timesteps = sampler.timesteps();
    assertEquals(walk.steps(), timesteps.length);

    Random random = new Random(3);
    double scale = walk.spacing() == TimestepSpacing.LEADING ? Math.hypot(sigmas[0], 1) : sigmas[0];
    boolean variancePreserving = walk.kind() == SamplerKind.DPMPP;
    assertEquals(variancePreserving ? 1 : scale, sampler.initialNoiseScale(), 1e-5 * scale);
    double[] expected = random.doubles(SIZE, -1, 1).map(v -> v * scale).toArray();
    float[] x = floats(expected, variancePreserving ? alpha(sigmas[0]) : 1);
    double[] old = new double[SIZE];
    for (int k = 0; k < walk.steps(); k++) {
      double t = walk.kind() == SamplerKind.DPMPP ? Math.rint(timestep(sigmas[k])) : timestep(sigmas[k]);
      assertEquals(t, timesteps[k], 2e-3, "step " + k);
      float[] noise = floats(random.doubles(SIZE, -2, 2).toArray(), 1);
      float[] output = new float[SIZE];
      for (int i = 0; i < SIZE; i++) {
        output[i] = (float) network(x[i] * sampler.inputScale(k), timesteps[k]);
      }
      sampler.step(output, k, x, noise);
      double[] denoised = denoised(walk.type(), expected, sigmas[k], timesteps[k]);
      for (int i = 0; i < SIZE; i++) {
        expected[i] =
            switch (walk.kind()) {
              case EULER -> euler(expected[i], denoised[i], sigmas[k], sigmas[k + 1]);
              case EULER_A -> ancestral(expected[i], denoised[i], sigmas[k], sigmas[k + 1], noise[i]);
              default -> multiStep(expected[i], denoised[i], old[i], sigmas, k);
            };
      }
      old = denoised;
      float[] row = floats(expected, variancePreserving ? alpha(sigmas[k + 1]) : 1);
      Tolerances.checkRelative(walk + " step " + k, RTOL, x, row);
    }
  }

  private static double euler(double x, double denoised, double sigma, double next) {
    return x + (next - sigma) * ((x - denoised) / sigma);
  }

  private static double ancestral(double x, double denoised, double sigma, double next, double noise) {
    double up = Math.min(next, Math.sqrt(next * next * (sigma * sigma - next * next) / (sigma * sigma)));
    double down = Math.sqrt(next * next - up * up);
    return euler(x, denoised, sigma, down) + up * noise;
  }

  /** In the form of k-diffusion's {@code sample_dpmpp_2m}: an extrapolated D, taken as constant. */
  private static double multiStep(double x, double denoised, double old, double[] sigmas, int k) {
    if (sigmas[k + 1] == 0) {
      return denoised;
    }
    double h = Math.log(sigmas[k]) - Math.log(sigmas[k + 1]);
    double extrapolated = denoised;
    if (k > 0) {
      double r = (Math.log(sigmas[k - 1]) - Math.log(sigmas[k])) / h;
      extrapolated = (1 + 1 / (2 * r)) * denoised - 1 / (2 * r) * old;
    }
    return Math.exp(-h) * x - Math.expm1(-h) * extrapolated;
  }

  /** The model of the golden files. */
  private static double network(double x, double t) {
    return 0.3 * x + 0.1 * Math.sin(t / 100);
  }

  private static double[] denoised(PredictionType type, double[] x, double sigma, double t) {
    double variance = 1 + sigma * sigma;
    double[] denoised = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double output = network(x[i] / Math.sqrt(variance), t);
      denoised[i] =
          switch (type) {
            case EPSILON -> x[i] - sigma * output;
            case SAMPLE -> output;
            case V_PREDICTION -> x[i] / variance - sigma / Math.sqrt(variance) * output;
          };
    }
    return denoised;
  }

  private static double[] sigmas(Case walk) {
    int n = walk.steps();
    double[] sigmas = new double[n + 1];
    for (int i = 0; i < n; i++) {
      int rising = n - 1 - i;
      sigmas[i] =
          sigma(switch (walk.spacing()) {
            case LINSPACE -> (NUM_TRAIN - 1.0) * rising / (n - 1);
            case LEADING -> 1.0 + rising * (NUM_TRAIN / n);
            case TRAILING -> Math.rint(NUM_TRAIN * (n - i) / (double) n) - 1;
          });
    }
    if (walk.karras()) {
      boolean all = walk.kind() == SamplerKind.DPMPP;
      double largest = all ? sigma(NUM_TRAIN - 1) : sigmas[0];
      double smallest = all ? sigma(0) : sigmas[n - 1];
      for (int i = 0; i < n; i++) {
        double share = i / (n - 1.0);
        sigmas[i] = Math.pow((1 - share) * Math.pow(largest, 1 / 7.0) + share * Math.pow(smallest, 1 / 7.0), 7);
      }
    }
    return sigmas;
  }

  /** Between training steps: σ on a straight line. */
  private static double sigma(double t) {
    return onLine(t, s -> s);
  }

  /** Where log σ, on straight lines between training steps, is that of {@code sigma}. */
  private static double timestep(double sigma) {
    double low = 0;
    double high = NUM_TRAIN - 1;
    for (int i = 0; i < 60; i++) {
      double middle = (low + high) / 2;
      boolean below = onLine(middle, Math::log) < Math.log(sigma);
      low = below ? middle : low;
      high = below ? high : middle;
    }
    return low;
  }

  private static double onLine(double t, DoubleUnaryOperator of) {
    int below = (int) Math.floor(t);
    double share = t - below;
    double first = of.applyAsDouble(TABLE[below]);
    return share == 0 ? first : (1 - share) * first + share * of.applyAsDouble(TABLE[below + 1]);
  }

  private static final double[] TABLE = table();

  private static double[] table() {
    double[] table = new double[NUM_TRAIN];
    double bar = 1;
    for (int t = 0; t < NUM_TRAIN; t++) {
      double root = Math.sqrt(0.00085) + t / (NUM_TRAIN - 1.0) * (Math.sqrt(0.012) - Math.sqrt(0.00085));
      bar *= 1 - root * root;
      table[t] = Math.sqrt(1 / bar - 1);
    }
    return table;
  }

  private static double alpha(double sigma) {
    return 1 / Math.sqrt(1 + sigma * sigma);
  }

  private static float[] floats(double[] x, double scale) {
    float[] floats = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      floats[i] = (float) (x[i] * scale);
    }
    return floats;
  }
}
