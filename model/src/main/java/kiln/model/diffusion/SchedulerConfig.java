package kiln.model.diffusion;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import kiln.bindings.UserException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * diffusers' {@code scheduler_config.json} to and from {@link NoiseSchedule} and {@link DpmSolverOptions}. Names that are left
 * out get diffusers' defaults; settings that Kiln does not have are refused, never ignored.
 */
public final class SchedulerConfig {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private static final NoiseSchedule DEFAULTS =
      new NoiseSchedule(
          1000, 0.0001, 0.02, BetaSchedule.LINEAR, null, PredictionType.EPSILON, false, TimestepSpacing.LEADING, 0, true, 1,
          true);

  /** Settings that must have the value at which they change nothing. */
  private static final Map<String, String> FIXED =
      Map.of(
          "thresholding", "false",
          "use_karras_sigmas", "false",
          "use_exponential_sigmas", "false",
          "use_beta_sigmas", "false",
          "use_lu_lambdas", "false",
          "use_flow_sigmas", "false",
          "use_dynamic_shifting", "false",
          "algorithm_type", "dpmsolver++");

  /** Settings of those that are fixed, and of samplers that have no noise schedule of their own. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "dynamic_thresholding_ratio",
          "sample_max_value",
          "flow_shift",
          "time_shift_type",
          "variance_type",
          "skip_prk_steps");

  private SchedulerConfig() {}

  /**
   * @throws UserException if the file is missing, is no JSON object, or holds what Kiln does not have
   */
  public static NoiseSchedule read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new UserException(file + ": expected a scheduler configuration, found no file");
    }
    try {
      return schedule(JSON.readTree(file), file.toString());
    } catch (JacksonException e) {
      throw new UserException(file + ": expected a JSON object, found " + e.getOriginalMessage(), e);
    }
  }

  /**
   * @param source what messages call the configuration
   * @throws UserException as {@link #read}
   */
  public static NoiseSchedule schedule(JsonNode config, String source) {
    ObjectNode known = JSON.valueToTree(DEFAULTS);
    ObjectNode solver = JSON.valueToTree(DpmSolverOptions.DEFAULT);
    if (!config.isObject()) {
      throw new UserException(source + ": expected a JSON object, found " + config.getNodeType());
    }
    config.properties().forEach(setting -> {
      String name = setting.getKey();
      check(known.has(name) || solver.has(name), name, setting.getValue(), source);
    });
    return merged(known, config, NoiseSchedule.class, source);
  }

  private static void check(boolean has, String name, JsonNode value, String source) {
    if (has || name.startsWith("_") || WITHOUT_EFFECT.contains(name)) {
      return;
    }
    String expected = FIXED.get(name);
    if (expected == null) {
      throw new UserException(source + ": unknown setting " + name);
    }
    if (!value.isNull() && !value.asString().equals(expected)) {
      throw new UserException(source + ": " + name + ": expected " + expected + ", found " + value);
    }
  }

  /** The solver's part of a configuration that {@link #schedule} accepts. */
  public static DpmSolverOptions dpmSolver(JsonNode config, String source) {
    ObjectNode known = JSON.valueToTree(DpmSolverOptions.DEFAULT);
    return merged(known, config, DpmSolverOptions.class, source);
  }

  /** Writes the file that {@link #read} reads. */
  public static void write(NoiseSchedule schedule, Path file) {
    ObjectNode config = JSON.createObjectNode().put("_class_name", "DDIMScheduler");
    config.setAll(JSON.<ObjectNode>valueToTree(schedule));
    try {
      JSON.writeValue(file, config);
    } catch (JacksonException e) {
      throw new UserException(file + ": cannot be written (" + e.getOriginalMessage() + ")", e);
    }
  }

  /** {@code config}'s values over the defaults; nulls leave the default. */
  private static <T> T merged(ObjectNode defaults, JsonNode config, Class<T> type, String source) {
    for (String name : Set.copyOf(defaults.propertyNames())) {
      if (config.hasNonNull(name)) {
        defaults.set(name, config.get(name));
      }
    }
    try {
      return JSON.treeToValue(defaults, type);
    } catch (JacksonException e) {
      Throwable cause = e.getCause();
      throw cause instanceof UserException mistake
          ? new UserException(source + ": " + mistake.getMessage(), mistake)
          : new UserException(source + ": " + e.getOriginalMessage(), e);
    }
  }
}
