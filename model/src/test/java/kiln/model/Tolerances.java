package kiln.model;

import tools.jackson.databind.JsonNode;

/**
 * The bounds of {@code tolerances.json}: max|a−b| ≤ absolute[name] for tensors listed there, else ≤ rtol·max|b|, where b is the
 * golden tensor and rtol that of the case, one for outputs and one for gradients.
 */
public final class Tolerances {
  private final JsonNode cases;

  Tolerances(JsonNode cases) {
    this.cases = cases;
  }

  /** The bounds of one case, for those that have other keys than the usual ones. */
  public JsonNode of(String caseName) {
    JsonNode bounds = cases.path(caseName);
    if (bounds.isMissingNode()) {
      throw new IllegalStateException("tolerances.json has no case " + caseName);
    }
    return bounds;
  }

  public boolean has(String caseName) {
    return cases.has(caseName);
  }

  /**
   * @throws AssertionError if {@code actual} is not within the bounds around {@code expected}
   */
  public void check(String caseName, String tensor, float[] actual, float[] expected, boolean isGradient) {
    JsonNode bounds = of(caseName);
    String what = caseName + " " + tensor;
    JsonNode absolute = bounds.path("absolute").path(tensor);
    if (absolute.isNumber()) {
      checkAbsolute(what, absolute.doubleValue(), actual, expected);
    } else {
      checkRelative(what, bounds.required(isGradient ? "grad_rtol" : "out_rtol").doubleValue(), actual, expected);
    }
  }

  /** max|a−b| ≤ rtol·max|b|. */
  public static void checkRelative(String what, double rtol, float[] actual, float[] expected) {
    double largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    checkAbsolute(what, rtol * largest, actual, expected);
  }

  /** max|a−b| ≤ bound. */
  public static void checkAbsolute(String what, double bound, float[] actual, float[] expected) {
    Comparison.of(what, bound, actual, expected).conclude();
  }
}
