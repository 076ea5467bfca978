package kiln.model.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Samplers against exact answers. If data are N(0, s²), the best prediction of x₀ from x = αx₀ + σε is αs²/(α²s² + σ²)·x; the
 * probability flow then keeps x/√(α²s² + σ²), and walks with noise keep the variance of their level.
 */
class GaussianDataTest {
  private static final double SPREAD = 0.7;
  private static final double FINE = 1e-3;

  record Case(SamplerSettings settings, PredictionType type, TimestepSpacing spacing, int firstStep, double tolerance) {}

  static List<Case> deterministic() {
    List<Case> cases = new ArrayList<>();
    for (PredictionType type : PredictionType.values()) {
      for (TimestepSpacing spacing : TimestepSpacing.values()) {
        cases.add(new Case(new SamplerSettings(SamplerKind.DDIM, 250), type, spacing, 0, 2e-2));
        cases.add(new Case(new SamplerSettings(SamplerKind.PNDM, 100), type, spacing, 0, 2e-2));
        cases.add(new Case(new SamplerSettings(SamplerKind.EULER, 250), type, spacing, 0, 2e-2));
        cases.add(new Case(new SamplerSettings(SamplerKind.DPMPP, 50), type, spacing, 0, 2e-2));
        cases.add(new Case(new SamplerSettings(SamplerKind.EULER, 250, 0, true), type, spacing, 0, 2e-2));
        cases.add(new Case(new SamplerSettings(SamplerKind.DPMPP, 50, 0, true), type, spacing, 0, 2e-2));
        cases.add(new Case(new SamplerSettings(SamplerKind.PNDM, 100), type, spacing, 40, 2e-2));
        cases.add(new Case(new SamplerSettings(SamplerKind.DPMPP, 50), type, spacing, 20, 2e-2));
      }
    }
    return cases;
  }

  static List<Case> noisy() {
    List<Case> cases = new ArrayList<>();
    for (PredictionType type : PredictionType.values()) {
      for (TimestepSpacing spacing : TimestepSpacing.values()) {
        cases.add(new Case(new SamplerSettings(SamplerKind.DDPM, 250), type, spacing, 0, 4e-2));
        cases.add(new Case(new SamplerSettings(SamplerKind.DDIM, 250, 1, false), type, spacing, 100, 4e-2));
        cases.add(new Case(new SamplerSettings(SamplerKind.EULER_A, 250), type, spacing, 0, 4e-2));
        cases.add(new Case(new SamplerSettings(SamplerKind.EULER_A, 250, 0, true), type, spacing, 100, 4e-2));
      }
    }
    return cases;
  }

  @ParameterizedTest
  @MethodSource("deterministic")
  void shouldFollowTheProbabilityFlow(Case walk) {
    Sampler sampler = sampler(walk);
    float[] x = {1, -0.5f, 0.25f};
    double start = spread(sampler.level(0));
    run(sampler, walk.type(), x, new Random(0));
    double expected = SPREAD / start;
    assertEquals(expected, x[0], walk.tolerance() * expected);
    assertEquals(-x[0] / 2, x[1], FINE);
    assertEquals(x[0] / 4, x[2], FINE);
  }

  @ParameterizedTest
  @MethodSource("noisy")
  void shouldKeepTheVariance(Case walk) {
    Sampler sampler = sampler(walk);
    Random random = new Random(7);
    float[] clean = new float[4000];
    float[] noise = new float[clean.length];
    for (int i = 0; i < clean.length; i++) {
      clean[i] = (float) (SPREAD * random.nextGaussian());
      noise[i] = (float) random.nextGaussian();
    }
    float[] x = sampler.addNoise(clean, noise, 0);
    assertEquals(spread(sampler.level(0)), deviation(x), 0.03 * spread(sampler.level(0)));
    run(sampler, walk.type(), x, random);
    assertTrue(sampler.usesNoise());
    assertEquals(SPREAD, deviation(x), walk.tolerance() * SPREAD);
  }

  private static Sampler sampler(Case walk) {
    NoiseSchedule schedule =
        new NoiseSchedule(
            1000, 0.00085, 0.012, BetaSchedule.SCALED_LINEAR, null, walk.type(), false, walk.spacing(), 0, false, 1, true);
    return SchedulerConfig.of(walk.settings().kind(), schedule).sampler(walk.settings(), walk.firstStep());
  }

  private static void run(Sampler sampler, PredictionType type, float[] x, Random random) {
    float[] noise = new float[x.length];
    for (int k = 0; k < sampler.timesteps().length; k++) {
      Sampler.Level level = sampler.level(k);
      double norm = Math.hypot(level.ofSample(), level.ofNoise());
      double alpha = level.ofSample() / norm;
      double sigma = level.ofNoise() / norm;
      assertEquals(1 / norm, sampler.inputScale(k), 1e-5 / norm);
      double denoising = alpha * SPREAD * SPREAD / (alpha * alpha * SPREAD * SPREAD + sigma * sigma);
      float[] output = new float[x.length];
      for (int i = 0; i < x.length; i++) {
        double scaled = x[i] * sampler.inputScale(k);
        double x0 = denoising * scaled;
        double e = (scaled - alpha * x0) / sigma;
        output[i] =
            (float) switch (type) {
              case EPSILON -> e;
              case SAMPLE -> x0;
              case V_PREDICTION -> alpha * e - sigma * x0;
            };
        noise[i] = (float) random.nextGaussian();
      }
      sampler.step(output, k, x, noise);
    }
  }

  private static double spread(Sampler.Level level) {
    return Math.hypot(level.ofSample() * SPREAD, level.ofNoise());
  }

  private static double deviation(float[] x) {
    double squares = 0;
    for (float value : x) {
      squares += value * value / x.length;
    }
    return Math.sqrt(squares);
  }
}
