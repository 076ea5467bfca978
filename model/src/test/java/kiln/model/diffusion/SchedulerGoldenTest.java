package kiln.model.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kiln.model.Golden;
import kiln.model.GoldenTensors;
import kiln.model.Tolerances;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Schedules and samplers against diffusers: {@code schedulers.json} says which. */
class SchedulerGoldenTest {
  private static final JsonNode INDEX = Golden.json("schedulers.json");
  private static final GoldenTensors TENSORS = Golden.tensors("schedulers.safetensors");
  private static final JsonNode BOUNDS = Golden.tolerances().of("schedulers");
  private static final double RTOL = BOUNDS.get("alphas_cumprod_rtol").doubleValue();

  @AfterAll
  static void close() {
    TENSORS.close();
  }

  static Stream<String> schedules() {
    return INDEX.get("beta_schedules").propertyStream().map(Map.Entry::getKey);
  }

  static Stream<String> trajectories() {
    return INDEX.get("trajectories").propertyStream()
        .map(Map.Entry::getKey);
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void shouldGiveTheTables(String name) {
    NoiseTables tables = schedule(name, false).tables();
    Tolerances.checkRelative(name + ".betas", RTOL, betas(tables), TENSORS.floats(name + ".betas"));
    check(name + ".alphas_cumprod", alphasCumprod(tables), TENSORS.floats(name + ".alphas_cumprod"));
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void shouldGiveTheTablesOfZeroTerminalSnr(String name) {
    NoiseTables tables = schedule(name, true).tables();
    Tolerances.checkRelative(name + " zero SNR", RTOL, betas(tables), TENSORS.floats(name + ".zero_snr.betas"));
    check(name + ".zero_snr.alphas_cumprod", alphasCumprod(tables), TENSORS.floats(name + ".zero_snr.alphas_cumprod"));
    assertTrue(tables.alphaCumprod(tables.numTimesteps() - 1) < 1e-12);
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void shouldAddNoise(String name) {
    NoiseTables tables = schedule(name, false).tables();
    float[] x = TENSORS.floats("forward.sample");
    float[] noise = TENSORS.floats("forward.noise");
    int[] timesteps = TENSORS.ints("forward.timesteps");
    float[] noisy = new float[x.length];
    float[] velocity = new float[x.length];
    int perSample = x.length / timesteps.length;
    for (int i = 0; i < x.length; i++) {
      int t = timesteps[i / perSample];
      noisy[i] = tables.signal(t) * x[i] + tables.noise(t) * noise[i];
      velocity[i] = tables.signal(t) * noise[i] - tables.noise(t) * x[i];
    }
    double rtol = BOUNDS.get("rtol_per_step").doubleValue();
    Tolerances.checkRelative("add_noise." + name, rtol, noisy, TENSORS.floats("forward.add_noise." + name));
    Tolerances.checkRelative("velocity." + name, rtol, velocity, TENSORS.floats("forward.velocity." + name));
  }

  /** A walk over all training steps takes samples of every level. */
  @ParameterizedTest
  @MethodSource("schedules")
  void shouldAddNoiseAsTheSamplers(String name) {
    NoiseSchedule schedule = schedule(name, false);
    int numTrain = schedule.numTrainTimesteps();
    float[] x = TENSORS.floats("forward.sample");
    float[] noise = TENSORS.floats("forward.noise");
    float[] expected = TENSORS.floats("forward.add_noise." + name);
    int[] timesteps = TENSORS.ints("forward.timesteps");
    int perSample = x.length / timesteps.length;
    for (SamplerKind kind : List.of(SamplerKind.DDPM, SamplerKind.DDIM, SamplerKind.PNDM, SamplerKind.EULER)) {
      Sampler sampler = SchedulerConfig.of(kind, schedule).sampler(new SamplerSettings(kind, numTrain));
      float[] noisy = new float[x.length];
      for (int n = 0; n < timesteps.length; n++) {
        int from = n * perSample;
        int index = indexOf(timesteps[n], sampler.timesteps());
        float[] clean = Arrays.copyOfRange(x, from, from + perSample);
        float[] added = sampler.addNoise(clean, Arrays.copyOfRange(noise, from, from + perSample), index);
        for (int i = 0; i < perSample; i++) {
          noisy[from + i] = added[i] * sampler.inputScale(index);
        }
      }
      Tolerances.checkRelative(kind + " " + name, BOUNDS.get("rtol_per_step").doubleValue(), noisy, expected);
    }
  }

  @ParameterizedTest
  @MethodSource("trajectories")
  void shouldWalkAs(String id) {
    JsonNode description = INDEX.get("trajectories").get(id);
    Sampler sampler = sampler(description);
    float[] expectedTimesteps = floats(description.get("timesteps"));
    assertArrayEquals(expectedTimesteps, sampler.timesteps());

    float[] x = TENSORS.floats("trajectory.start_noise");
    for (int i = 0; i < x.length; i++) {
      x[i] *= sampler.initialNoiseScale();
    }
    float[] noises = TENSORS.floats("trajectory.variance_noise");
    float[] expected = TENSORS.floats("trajectory." + id + ".x");
    assertEquals((expectedTimesteps.length + 1) * x.length, expected.length);
    for (int i = 0; i < expectedTimesteps.length; i++) {
      float[] noise = Arrays.copyOfRange(noises, i * x.length, (i + 1) * x.length);
      sampler.step(model(x, sampler.inputScale(i), expectedTimesteps[i]), i, x, noise);
      float[] row = Arrays.copyOfRange(expected, (i + 1) * x.length, (i + 2) * x.length);
      Tolerances.checkRelative(id + " step " + i, BOUNDS.get("rtol_per_step").doubleValue(), x, row);
    }
    assertEquals(description.get("uses_variance_noise").booleanValue(), sampler.usesNoise());
    double start = description.get("init_noise_sigma").doubleValue();
    assertEquals(start, sampler.initialNoiseScale(), 1e-6 * start);
    checkLevels(description.path("sigmas"), sampler);
  }

  private static int indexOf(float value, float[] values) {
    int index = 0;
    while (values[index] != value) {
      index++;
    }
    return index;
  }

  private static void checkLevels(JsonNode sigmas, Sampler sampler) {
    for (int i = 0; i < sigmas.size(); i++) {
      double sigma = sigmas.get(i).doubleValue();
      assertEquals(sigma, sampler.level(i).ofNoise() / sampler.level(i).ofSample(), 1e-6 * sigma, "sigma " + i);
    }
  }

  private static Sampler sampler(JsonNode description) {
    ObjectNode config = description.get("config").asObject().deepCopy();
    config.set("_class_name", description.get("class"));
    SchedulerConfig scheduler = SchedulerConfig.parse(config, "golden");
    int numSteps = description.get("num_inference_steps").intValue();
    float eta = (float) description.get("eta").doubleValue();
    return scheduler.sampler(new SamplerSettings(scheduler.samplerOf(), numSteps, eta, false));
  }

  private static float[] floats(JsonNode numbers) {
    float[] values = new float[numbers.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = numbers.get(i).floatValue();
    }
    return values;
  }

  /** The model of the golden file: 0.3 x + 0.1 sin(t / 100). */
  private static float[] model(float[] x, float inputScale, float t) {
    float[] output = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      output[i] = 0.3f * (x[i] * inputScale) + (float) (0.1 * Math.sin(t / 100.0));
    }
    return output;
  }

  private static NoiseSchedule schedule(String name, boolean zeroSnr) {
    ObjectNode config = INDEX.get("beta_schedules").get(name).asObject().deepCopy();
    config.put("num_train_timesteps", INDEX.get("train_timesteps").intValue());
    config.put("rescale_betas_zero_snr", zeroSnr);
    config.put("prediction_type", "v_prediction");
    return SchedulerConfig.schedule(config, name);
  }

  private static void check(String what, float[] actual, float[] expected) {
    assertEquals(expected.length, actual.length);
    for (int t = 0; t < actual.length; t++) {
      assertEquals(expected[t], actual[t], Math.max(1e-12, RTOL * Math.abs(expected[t])), what + " t=" + t);
    }
  }

  private static float[] betas(NoiseTables tables) {
    float[] values = new float[tables.numTimesteps()];
    for (int t = 0; t < values.length; t++) {
      values[t] = tables.beta(t);
    }
    return values;
  }

  private static float[] alphasCumprod(NoiseTables tables) {
    float[] values = new float[tables.numTimesteps()];
    for (int t = 0; t < values.length; t++) {
      values[t] = tables.alphaCumprod(t);
    }
    return values;
  }
}
