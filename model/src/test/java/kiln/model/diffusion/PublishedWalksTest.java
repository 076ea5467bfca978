package kiln.model.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Walks whose end diffusers publishes in its own tests ({@code tests/schedulers/test_scheduler_*.py}): a made-up sample and
 * noise of 768 numbers, a model that answers x·t/(t + 1), ten steps, β linear from 0.0001 to 0.02, and the sum of |x| at the end.
 */
class PublishedWalksTest {
  private static final int SIZE = 768;
  private static final int STEPS = 10;

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
      DDIMScheduler               | `"clip_sample": true`                                                       | 172.0067
      DDIMScheduler               | `"clip_sample": true, "prediction_type": "v_prediction"`                    | 52.5302
      DDIMScheduler               | `"clip_sample": true, "set_alpha_to_one": true, "beta_start": 0.01`         | 149.8295
      DDIMScheduler               | `"clip_sample": true, "set_alpha_to_one": false, "beta_start": 0.01`        | 149.0784
      PNDMScheduler               | `"steps_offset": 0`                                                         | 198.1318
      PNDMScheduler               | `"prediction_type": "v_prediction"`                                         | 67.3986
      PNDMScheduler               | `"set_alpha_to_one": true, "beta_start": 0.01`                              | 230.0399
      PNDMScheduler               | `"set_alpha_to_one": false, "beta_start": 0.01`                             | 186.9482
      """)
  void shouldEndWhereDiffusersDoes(String className, String settings, double expected) {
    float[] x = ramp(false);
    walk(sampler(className, settings, 0), x, false);
    assertEquals(expected, sum(x), 1e-2);
  }

  /** The mean is published with four digits. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
      `"prediction_type": "epsilon"`                                    | 0.3301
      `"prediction_type": "v_prediction"`                               | 0.2251
      `"prediction_type": "v_prediction", "use_karras_sigmas": true`    | 0.2096
      """)
  void shouldEndWhereTheMultiStepSolverDoes(String settings, double mean) {
    String all = settings + ", \"lower_order_final\": false, \"final_sigmas_type\": \"sigma_min\"";
    float[] x = ramp(false);
    walk(sampler("DPMSolverMultistepScheduler", all, 0), x, false);
    assertEquals(mean, sum(x) / SIZE, 1e-3);
  }

  /** diffusers' test goes on from the scaled sample, which the network saw. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({"false, 10.0807", "true, 124.52299499511719"})
  void shouldEndWhereEulerDoes(boolean karras, double expected) {
    String settings = "\"num_train_timesteps\": 1100, \"use_karras_sigmas\": " + karras;
    Sampler sampler = sampler("EulerDiscreteScheduler", settings, 0);
    float[] x = ramp(false);
    for (int i = 0; i < x.length; i++) {
      x[i] *= sampler.initialNoiseScale();
    }
    walk(sampler, x, true);
    assertEquals(expected, sum(x), 1e-2);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
      DDIMScheduler               | `"clip_sample": true`                                              | 8 | 354.5418
      DPMSolverMultistepScheduler | `"lower_order_final": false, "final_sigmas_type": "sigma_min"`     | 5 | 318.4111
      """)
  void shouldStartFromAPictureAsDiffusersDoes(String className, String settings, int firstStep, double expected) {
    Sampler sampler = sampler(className, settings, firstStep);
    assertEquals(STEPS - firstStep, sampler.timesteps().length);
    float[] x = sampler.addNoise(ramp(false), ramp(true), 0);
    walk(sampler, x, false);
    assertEquals(expected, sum(x), 1e-2);
  }

  @Test
  void shouldStartEulerFromAPictureAsDiffusersDoes() {
    String settings = "\"num_train_timesteps\": 1100";
    float[] clean = ramp(false);
    float scale = sampler("EulerDiscreteScheduler", settings, 0).initialNoiseScale();
    for (int i = 0; i < clean.length; i++) {
      clean[i] *= scale;
    }
    Sampler sampler = sampler("EulerDiscreteScheduler", settings, STEPS - 2);
    float[] x = sampler.addNoise(clean, ramp(true), 0);
    walk(sampler, x, true);
    assertEquals(57062.9297, sum(x), 1e-1);
  }

  @Test
  void shouldVisitTheStepsOfRungeKutta() {
    Sampler sampler = sampler("PNDMScheduler", "\"steps_offset\": 1", 0);
    float[] expected = {901, 851, 851, 801, 801, 751, 751, 701, 701, 651, 651, 601, 601, 501, 401, 301, 201, 101, 1};
    assertArrayEquals(expected, sampler.timesteps());
  }

  private static Sampler sampler(String className, String settings, int firstStep) {
    ObjectNode config = JsonMapper.shared().readTree("{" + settings + "}").asObject();
    config.put("_class_name", className);
    SchedulerConfig scheduler = SchedulerConfig.parse(config, "published");
    return scheduler.sampler(new SamplerSettings(scheduler.samplerOf(), STEPS), firstStep);
  }

  private static void walk(Sampler sampler, float[] x, boolean keepsScaled) {
    float[] timesteps = sampler.timesteps();
    for (int k = 0; k < timesteps.length; k++) {
      float[] output = new float[x.length];
      for (int i = 0; i < x.length; i++) {
        float scaled = x[i] * sampler.inputScale(k);
        output[i] = scaled * timesteps[k] / (timesteps[k] + 1);
        x[i] = keepsScaled ? scaled : x[i];
      }
      sampler.step(output, k, x, x);
    }
  }

  private static float[] ramp(boolean falling) {
    float[] ramp = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      ramp[i] = (falling ? SIZE - 1 - i : i) / (float) SIZE;
    }
    return ramp;
  }

  private static double sum(float[] x) {
    double sum = 0;
    for (float value : x) {
      sum += Math.abs(value);
    }
    return sum;
  }
}
