package kiln.model.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import kiln.model.Golden;
import kiln.model.GoldenTensors;
import kiln.model.Tolerances;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** AdamW, clipping, EMA and learning rates against {@code optim.json} and {@code optim.safetensors}. */
class OptimizerGoldenTest {
  private static final JsonNode INDEX = Golden.json("optim.json");
  private static final GoldenTensors TENSORS = Golden.tensors("optim.safetensors");
  private static final JsonNode BOUNDS = Golden.tolerances().of("optim");
  private static final double RTOL = BOUNDS.get("rtol").doubleValue();

  @AfterAll
  static void close() {
    TENSORS.close();
  }

  static Stream<String> averages() {
    return INDEX.get("ema").propertyStream().map(Map.Entry::getKey);
  }

  static Stream<String> learningRates() {
    return INDEX.get("lr").get("values").propertyStream().map(Map.Entry::getKey);
  }

  /** All tensors lie one after another in one flat region, as in training. */
  @ParameterizedTest
  @ValueSource(strings = {"adamw", "adamw_clip"})
  void shouldStepAs(String id) {
    JsonNode settings = INDEX.get("cases").get(id);
    List<String> keys = INDEX.get("shapes").propertyStream().map(Map.Entry::getKey).toList();
    AdamW adamW =
        new AdamW(
            settings.get("betas").get(0).doubleValue(),
            settings.get("betas").get(1).doubleValue(),
            settings.get("eps").doubleValue(),
            settings.get("weight_decay").doubleValue());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment weights = arena.allocateFrom(ValueLayout.JAVA_FLOAT, joined(keys, "start.", 0, 1));
      MemorySegment first = arena.allocate(weights.byteSize());
      MemorySegment second = arena.allocate(weights.byteSize());
      int numSteps = settings.get("steps").intValue();
      for (int step = 1; step <= numSteps; step++) {
        int numGradients = TENSORS.shape("grads." + keys.getFirst()).dim(0);
        MemorySegment gradients =
            arena.allocateFrom(ValueLayout.JAVA_FLOAT, joined(keys, "grads.", step - 1, numGradients));
        double scale = 1;
        if (settings.has("clip")) {
          double norm = GlobalNorm.of(gradients);
          double expected = settings.get("norm_before_clip").get(step - 1).doubleValue();
          assertEquals(expected, norm, RTOL * expected);
          scale = GlobalNorm.clipScale(norm, settings.get("clip").doubleValue());
        }
        adamW.step(weights, gradients, first, second, step, settings.get("lr").doubleValue(), scale);
        check(id + " step " + step, keys, weights, id + ".param.", step, numSteps + 1);
      }
      check(id + " first moment", keys, first, id + ".exp_avg.", 0, 1);
      check(id + " second moment", keys, second, id + ".exp_avg_sq.", 0, 1);
    }
  }

  @ParameterizedTest
  @MethodSource("averages")
  void shouldAverageAs(String id) {
    JsonNode settings = INDEX.get("ema").get(id);
    Ema ema =
        new Ema(
            settings.get("decay").doubleValue(),
            settings.get("min_decay").doubleValue(),
            settings.get("update_after_step").longValue(),
            settings.get("use_ema_warmup").booleanValue(),
            settings.get("inv_gamma").doubleValue(),
            settings.get("power").doubleValue());
    String prefix = "ema.path.";
    List<String> keys =
        TENSORS.names().stream().filter(n -> n.startsWith(prefix)).map(n -> n.substring(prefix.length())).toList();
    int numRows = TENSORS.shape(prefix + keys.getFirst()).dim(0);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment average = arena.allocateFrom(ValueLayout.JAVA_FLOAT, joined(keys, prefix, 0, numRows));
      for (int step = 1; step < numRows; step++) {
        MemorySegment weights = arena.allocateFrom(ValueLayout.JAVA_FLOAT, joined(keys, prefix, step, numRows));
        assertEquals(settings.get("decay_per_step").get(step - 1).doubleValue(), ema.decayAt(step), 1e-12);
        ema.update(average, weights, step);
        check(id + " step " + step, keys, average, "ema." + id + ".shadow.", step, numRows);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("learningRates")
  void shouldScheduleAs(String name) {
    JsonNode settings = INDEX.get("lr");
    LearningRate rate =
        new LearningRate(
            LearningRate.Schedule.valueOf(name.toUpperCase(Locale.ROOT)),
            settings.get("base_lr").doubleValue(),
            settings.get("num_warmup_steps").longValue(),
            settings.get("num_training_steps").longValue());
    JsonNode values = settings.get("values").get(name);
    double rtol = BOUNDS.get("lr_rtol").doubleValue();
    for (int step = 0; step < values.size(); step++) {
      double expected = values.get(step).doubleValue();
      assertEquals(expected, rate.at(step), rtol * rate.base(), name + " step=" + step);
    }
  }

  /** Row {@code row} of the tensors {@code prefix + key}, one after another. */
  private static float[] joined(List<String> keys, String prefix, int row, int numRows) {
    float[][] parts = keys.stream().map(key -> row(prefix + key, row, numRows)).toArray(float[][]::new);
    float[] all = new float[Arrays.stream(parts).mapToInt(part -> part.length).sum()];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  private static float[] row(String name, int row, int numRows) {
    float[] values = TENSORS.floats(name);
    int length = values.length / numRows;
    return Arrays.copyOfRange(values, row * length, (row + 1) * length);
  }

  private static void check(String what, List<String> keys, MemorySegment flat, String prefix, int row, int numRows) {
    float[] actual = flat.toArray(ValueLayout.JAVA_FLOAT);
    int at = 0;
    for (String key : keys) {
      float[] expected = row(prefix + key, row, numRows);
      Tolerances.checkRelative(what + " " + key, RTOL, Arrays.copyOfRange(actual, at, at + expected.length), expected);
      at += expected.length;
    }
  }
}
