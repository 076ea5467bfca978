package kiln.model.optim;

import com.fasterxml.jackson.annotation.JsonProperty;
import kiln.bindings.UserException;

/**
 * The learning rate of every step, with the names and formulas of {@code diffusers.optimization.get_scheduler}.
 *
 * @param base rate after warm-up
 * @param warmupSteps steps over which the rate rises evenly from 0; {@link Schedule#CONSTANT} has no warm-up
 * @param totalSteps steps of the whole run, warm-up included
 */
public record LearningRate(
    @JsonProperty("schedule") Schedule schedule,
    @JsonProperty("base") double base,
    @JsonProperty("warmup_steps") long warmupSteps,
    @JsonProperty("total_steps") long totalSteps) {

  private static final int RESTARTS = 3;
  private static final double POLYNOMIAL_END = 1e-7;

  /** What comes after the warm-up. */
  public enum Schedule {
    @JsonProperty("constant")
    CONSTANT,
    @JsonProperty("constant_with_warmup")
    CONSTANT_WITH_WARMUP,
    @JsonProperty("linear")
    LINEAR,
    /** Half a cosine, down to 0. */
    @JsonProperty("cosine")
    COSINE,
    /** Three half cosines, each from the base rate to 0. */
    @JsonProperty("cosine_with_restarts")
    COSINE_WITH_RESTARTS,
    /** A parabola down to 10⁻⁷. */
    @JsonProperty("polynomial")
    POLYNOMIAL
  }

  public LearningRate {
    if (!(base >= 0) || warmupSteps < 0 || totalSteps < 1) {
      throw new UserException(
          "learning rate: expected base >= 0, warmup_steps >= 0 and total_steps > 0, found base=" + base + " warmup_steps="
              + warmupSteps + " total_steps=" + totalSteps);
    }
  }

  /** Warm-up, then half a cosine down to 0. */
  public static LearningRate cosine(double base, long warmupSteps, long totalSteps) {
    return new LearningRate(Schedule.COSINE, base, warmupSteps, totalSteps);
  }

  public static LearningRate constant(double base) {
    return new LearningRate(Schedule.CONSTANT, base, 0, 1);
  }

  /** The rate of step {@code step}, counted from 0. */
  public double at(long step) {
    if (step < warmupSteps && schedule != Schedule.CONSTANT) {
      return base * step / warmupSteps;
    }
    double done = Math.min(1, (double) (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
    return switch (schedule) {
      case CONSTANT, CONSTANT_WITH_WARMUP -> base;
      case LINEAR -> base * (1 - done);
      case COSINE -> base * halfCosine(done);
      case COSINE_WITH_RESTARTS -> done == 1 ? 0 : base * halfCosine(RESTARTS * done % 1);
      case POLYNOMIAL -> (base - POLYNOMIAL_END) * (1 - done) * (1 - done) + POLYNOMIAL_END;
    };
  }

  private static double halfCosine(double done) {
    return 0.5 * (1 + Math.cos(Math.PI * done));
  }
}
