package kiln.model.diffusion;

import com.fasterxml.jackson.annotation.JsonProperty;
import kiln.bindings.UserException;

/**
 * What DPM-Solver++ has beyond the noise schedule, with the names and defaults of diffusers' {@code
 * DPMSolverMultistepScheduler}.
 *
 * @param solverOrder 1 or 2
 * @param lowerOrderFinal last step of first order if there are fewer than 15
 * @param eulerAtFinal last step of first order always
 * @param finalSigmasType where the walk ends
 * @param lambdaMinClipped steps with a smaller log(α/σ) are not visited
 */
public record DpmSolverOptions(
    @JsonProperty("solver_order") int solverOrder,
    @JsonProperty("solver_type") SolverType solverType,
    @JsonProperty("lower_order_final") boolean lowerOrderFinal,
    @JsonProperty("euler_at_final") boolean eulerAtFinal,
    @JsonProperty("final_sigmas_type") FinalSigma finalSigmasType,
    @JsonProperty("lambda_min_clipped") double lambdaMinClipped) {

  public static final DpmSolverOptions DEFAULT =
      new DpmSolverOptions(2, SolverType.MIDPOINT, true, false, FinalSigma.ZERO, Double.NEGATIVE_INFINITY);

  /** How the second order is reached. */
  public enum SolverType {
    @JsonProperty("midpoint")
    MIDPOINT,
    @JsonProperty("heun")
    HEUN
  }

  /** σ after the last step: none, or that of training step 0. */
  public enum FinalSigma {
    @JsonProperty("zero")
    ZERO,
    @JsonProperty("sigma_min")
    SIGMA_MIN
  }

  public DpmSolverOptions {
    if (solverOrder != 1 && solverOrder != 2) {
      throw new UserException("noise schedule: solver_order: expected 1 or 2, found " + solverOrder);
    }
  }
}
