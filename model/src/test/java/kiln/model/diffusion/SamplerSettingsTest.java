package kiln.model.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import kiln.bindings.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SamplerSettingsTest {
  private static final SchedulerConfig STABLE_DIFFUSION =
      SchedulerConfig.of(SamplerKind.DDIM, NoiseSchedule.STABLE_DIFFUSION);

  @Test
  void shouldRefuseInOneLineWhatASamplerDoesNotHave() {
    assertRefused(
        "--eta: expected sampler ddim, found euler_a", () -> new SamplerSettings(SamplerKind.EULER_A, 5, 1, false));
    assertRefused("--eta: expected 0 to 1, found 1.5", () -> new SamplerSettings(SamplerKind.DDIM, 5, 1.5f, false));
    assertRefused("--eta: expected 0 to 1, found NaN", () -> new SamplerSettings(SamplerKind.DDIM, 5, Float.NaN, false));
    assertRefused(
        "--karras: expected sampler euler, euler_a or dpmpp, found pndm",
        () -> new SamplerSettings(SamplerKind.PNDM, 5, 0, true));
    assertRefused("--steps: expected 1 or more, found 0", () -> new SamplerSettings(SamplerKind.DDPM, 0));
  }

  @ParameterizedTest
  @EnumSource
  void shouldRefuseMoreStepsThanTrainingHad(SamplerKind kind) {
    SamplerSettings tooMany = new SamplerSettings(kind, 1001);
    assertThrows(UserException.class, () -> STABLE_DIFFUSION.sampler(tooMany));
  }

  @Test
  void shouldRefuseAnOffsetBeyondTheLastTrainingStep() {
    assertRefused(
        "--steps: expected fewer, found 1000, which with steps_offset 1 start at training step 1000 of 1000",
        () -> STABLE_DIFFUSION.sampler(new SamplerSettings(SamplerKind.DDIM, 1000)));
  }

  /** Image-to-image: the same walk, from a later step on. */
  @ParameterizedTest
  @EnumSource
  void shouldLeaveOutTheFirstSteps(SamplerKind kind) {
    float[] whole = STABLE_DIFFUSION.sampler(new SamplerSettings(kind, 10)).timesteps();
    Sampler rest = STABLE_DIFFUSION.sampler(new SamplerSettings(kind, 10), 7);
    float[] expected = Arrays.copyOfRange(whole, whole.length - 3, whole.length);
    if (kind == SamplerKind.PNDM) {
      expected = new float[] {expected[0], expected[1], expected[1], expected[2]};
    }
    assertArrayEquals(expected, rest.timesteps());
    assertEquals(Sampler.Level.CLEAN, rest.level(expected.length));
    float[] clean = {0.5f};
    float[] noise = {-2};
    Sampler.Level level = rest.level(0);
    float noisy = (float) (0.5 * level.ofSample() - 2 * level.ofNoise());
    assertEquals(noisy, rest.addNoise(clean, noise, 0)[0]);
    assertEquals(0.5f, rest.addNoise(clean, noise, expected.length)[0]);
    assertThrows(
        IllegalArgumentException.class, () -> STABLE_DIFFUSION.sampler(new SamplerSettings(kind, 10), 10));
  }

  @ParameterizedTest
  @EnumSource
  void shouldWalkOneStep(SamplerKind kind) {
    for (TimestepSpacing spacing : TimestepSpacing.values()) {
      Sampler sampler = scheduler(spacing, false).sampler(new SamplerSettings(kind, 1));
      float[] x = {1, -1};
      sampler.step(new float[] {0.1f, 0.2f}, 0, x, new float[] {0.3f, 0.4f});
      assertTrue(Float.isFinite(x[0]) && Float.isFinite(x[1]), spacing + ": " + Arrays.toString(x));
      assertEquals(1, sampler.timesteps().length);
    }
  }

  /** The first network call sees pure noise: v then is −x₀. */
  @ParameterizedTest
  @EnumSource
  void shouldWalkFromPureNoise(SamplerKind kind) {
    SchedulerConfig scheduler = scheduler(TimestepSpacing.TRAILING, true);
    SamplerSettings settings = new SamplerSettings(kind, 5, kind == SamplerKind.DDIM ? 1 : 0, false);
    if (kind == SamplerKind.PNDM) {
      assertRefused(
          "sampler pndm: expected a walk that starts with some signal, found zero terminal SNR"
              + " (take ddim, or spacing leading)",
          () -> scheduler.sampler(settings));
      return;
    }
    Sampler sampler = scheduler.sampler(settings);
    float[] x = {sampler.initialNoiseScale()};
    for (int k = 0; k < 5; k++) {
      sampler.step(velocity(sampler, k, x, 0.6), k, x, new float[] {0.1f});
      assertTrue(Float.isFinite(x[0]), "step " + k);
    }
    assertEquals(0.6f, x[0], kind == SamplerKind.DDPM || kind == SamplerKind.DDIM ? 0.2 : 1e-3);
  }

  /** What a network says that knows x₀. */
  private static float[] velocity(Sampler sampler, int index, float[] x, double x0) {
    Sampler.Level level = sampler.level(index);
    double norm = Math.hypot(level.ofSample(), level.ofNoise());
    double noise = (x[0] - level.ofSample() * x0) / level.ofNoise();
    return new float[] {(float) ((level.ofSample() * noise - level.ofNoise() * x0) / norm)};
  }

  private static SchedulerConfig scheduler(TimestepSpacing spacing, boolean zeroSnr) {
    return SchedulerConfig.of(
        SamplerKind.DDIM,
        new NoiseSchedule(
            1000, 0.00085, 0.012, BetaSchedule.SCALED_LINEAR, null, PredictionType.V_PREDICTION, zeroSnr, spacing, 0,
            false, 1, true));
  }

  private static void assertRefused(String message, Executable call) {
    assertEquals(message, assertThrows(UserException.class, call).getMessage());
  }
}
