package kiln.model.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Stream;
import kiln.model.Backends;
import kiln.model.Evaluation;
import kiln.model.Golden;
import kiln.model.GoldenTensors;
import kiln.model.Tolerances;
import kiln.model.autodiff.Autodiff;
import kiln.model.graph.Graph;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.op.WeightedMse;
import kiln.model.plan.Backend;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Min-SNR weights and guidance against {@code objectives.safetensors}. */
class ObjectiveGoldenTest {
  private static final JsonNode SETTINGS = Golden.json("objectives.json");
  private static final GoldenTensors TENSORS = Golden.tensors("objectives.safetensors");
  private static final double RTOL = Golden.tolerances().of("objectives").get("rtol").doubleValue();

  private static final double WEIGHT_RTOL = 2e-4; // as for the tables below

  @AfterAll
  static void close() {
    TENSORS.close();
  }

  static Stream<String> minSnrTables() {
    return TENSORS.names().stream().filter(name -> name.startsWith("min_snr.")).sorted();
  }

  static Stream<String> snrTables() {
    return TENSORS.names().stream().filter(name -> name.startsWith("snr.")).sorted();
  }

  @ParameterizedTest
  @MethodSource("minSnrTables")
  void shouldWeightBySnr(String name) {
    String[] parts = name.split("\\.");
    NoiseTables tables = schedule(parts[2]).tables();
    PredictionType type = parts[1].equals("epsilon") ? PredictionType.EPSILON : PredictionType.V_PREDICTION;
    float[] weights = MinSnr.weights(tables, type, (float) SETTINGS.get("snr_gamma").doubleValue());
    checkElements(name, parts[2], TENSORS.floats(name), weights);
  }

  @ParameterizedTest
  @MethodSource("snrTables")
  void shouldGiveTheSnr(String name) {
    String scheduleName = name.split("\\.")[1];
    NoiseTables tables = schedule(scheduleName).tables();
    float[] snr = new float[tables.numTimesteps()];
    for (int t = 0; t < snr.length; t++) {
      snr[t] = tables.snr(t);
    }
    checkElements(name, scheduleName, TENSORS.floats(name), snr);
  }

  @Test
  void shouldGuide() {
    float[] unconditional = TENSORS.floats("cfg.uncond");
    float[] conditional = TENSORS.floats("cfg.text");
    float[] guided = new float[conditional.length];
    Guidance.guide(unconditional, conditional, (float) SETTINGS.get("guidance_scale").doubleValue(), guided);
    Tolerances.checkRelative("cfg.out", RTOL, guided, TENSORS.floats("cfg.out"));

    int numSamples = TENSORS.shape("cfg.text").dim(0);
    Guidance.rescale(guided, conditional, numSamples, (float) SETTINGS.get("guidance_rescale").doubleValue());
    Tolerances.checkRelative("cfg.rescaled", RTOL, guided, TENSORS.floats("cfg.rescaled"));
  }

  /** Target, weight, loss of every sample and of all, and its gradient, as {@link DiffusionObjective} traces them. */
  @ParameterizedTest
  @ValueSource(strings = {"epsilon", "v_prediction"})
  void shouldWeighErrors(String type) {
    String prefix = "loss." + type + ".";
    Shape shape = TENSORS.shape("loss.noise");
    Graph graph = new Graph();
    Value prediction = graph.input("prediction", TensorType.f32(shape));
    Value target = graph.input("target", TensorType.f32(shape));
    Value weight = graph.input("weight", TensorType.f32(shape.dim(0)));
    List<Value> outputs = graph.apply(new WeightedMse(), List.of(prediction, target, weight));
    Value gradient = Autodiff.gradients(outputs.getFirst(), List.of(prediction)).get(prediction);
    float[] weights = lossWeights(type);
    Tolerances.checkRelative(prefix + "weight", WEIGHT_RTOL, weights, TENSORS.floats(prefix + "weight"));
    Tolerances.checkRelative(prefix + "target", RTOL, target(type), TENSORS.floats(prefix + "target"));
    try (Backend backend = Backends.open("cpu");
        Evaluation run = new Evaluation(graph, backend, List.of(outputs.getFirst(), gradient))) {
      run.set(prediction, TENSORS.floats(prefix + "prediction")).set(target, target(type));
      run.set(weight, TENSORS.floats(prefix + "weight")).run();
      Tolerances.checkRelative(prefix + "loss", RTOL, run.get(outputs.getFirst()), TENSORS.floats(prefix + "loss"));
      Tolerances.checkRelative(prefix + "grad", RTOL, run.get(gradient), TENSORS.floats(prefix + "grad.prediction"));
    }
  }

  private static float[] lossWeights(String type) {
    float gamma = (float) SETTINGS.get("snr_gamma").doubleValue();
    PredictionType predictionType = type.equals("epsilon") ? PredictionType.EPSILON : PredictionType.V_PREDICTION;
    float[] table = MinSnr.weights(schedule("scaled_linear").tables(), predictionType, gamma);
    int[] timesteps = TENSORS.ints("loss.timesteps");
    float[] weights = new float[timesteps.length];
    for (int n = 0; n < weights.length; n++) {
      weights[n] = table[timesteps[n]];
    }
    return weights;
  }

  private static float[] target(String type) {
    float[] noise = TENSORS.floats("loss.noise");
    if (type.equals("epsilon")) {
      return noise;
    }
    NoiseTables tables = schedule("scaled_linear").tables();
    float[] latents = TENSORS.floats("loss.latents");
    int[] timesteps = TENSORS.ints("loss.timesteps");
    float[] velocity = new float[noise.length];
    for (int i = 0; i < velocity.length; i++) {
      int t = timesteps[i / (noise.length / timesteps.length)];
      velocity[i] = tables.signal(t) * noise[i] - tables.noise(t) * latents[i];
    }
    return velocity;
  }

  /** 1 − ᾱ loses digits in float32 at small t, most with the cosine schedule: the golden README gives the bounds. */
  private static void checkElements(String what, String schedule, float[] expected, float[] actual) {
    double rtol = schedule.equals("squaredcos_cap_v2") ? 1e-3 : 2e-4;
    assertEquals(expected.length, actual.length);
    for (int t = 0; t < actual.length; t++) {
      assertEquals(expected[t], actual[t], rtol * Math.abs(expected[t]), what + " t=" + t);
    }
  }

  /** The schedules of {@code schedulers.json}, and {@code zero_snr}: scaled_linear rescaled. */
  private static NoiseSchedule schedule(String name) {
    boolean zeroSnr = name.equals("zero_snr");
    JsonNode schedules = Golden.json("schedulers.json");
    ObjectNode config = JsonMapper.shared().createObjectNode();
    config.setAll(schedules.get("beta_schedules").get(zeroSnr ? "scaled_linear" : name).asObject());
    config.put("num_train_timesteps", schedules.get("train_timesteps").intValue());
    config.put("prediction_type", "v_prediction");
    config.put("rescale_betas_zero_snr", zeroSnr);
    return SchedulerConfig.schedule(config, name);
  }
}
