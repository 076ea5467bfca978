package kiln.model.diffusion;

import java.util.Map;
import java.util.Set;
import kiln.bindings.UserException;
import tools.jackson.databind.JsonNode;

/** Settings of diffusers' schedulers that Kiln does not have: which of them change the mathematics. */
final class ForeignSchedulerSettings {
  /** Settings that must have the value at which they change nothing; null does not either. */
  private static final Map<String, String> FIXED =
      Map.ofEntries(
          Map.entry("thresholding", "false"),
          Map.entry("use_exponential_sigmas", "false"),
          Map.entry("use_beta_sigmas", "false"),
          Map.entry("use_lu_lambdas", "false"),
          Map.entry("use_flow_sigmas", "false"),
          Map.entry("use_dynamic_shifting", "false"),
          Map.entry("algorithm_type", "dpmsolver++"),
          Map.entry("interpolation_type", "linear"),
          Map.entry("timestep_type", "discrete"),
          Map.entry("sigma_min", "null"),
          Map.entry("sigma_max", "null"),
          Map.entry("timestep_values", "null"),
          Map.entry("predict_epsilon", "true"));

  /** Settings that only speak when one of those above does. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "dynamic_thresholding_ratio", "sample_max_value", "flow_shift", "time_shift_type", "tensor_format");

  private ForeignSchedulerSettings() {}

  /**
   * @throws UserException if the setting is unknown, or would change what Kiln computes
   */
  static void check(String name, JsonNode value, String source) {
    if (name.startsWith("_") || WITHOUT_EFFECT.contains(name)) {
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
}
