package kiln.model.diffusion;

import com.fasterxml.jackson.annotation.JsonProperty;
import kiln.bindings.UserException;

/**
 * What samplers have beyond the noise schedule, with diffusers' names. Each sampler reads what is its own.
 *
 * @param varianceType how much noise DDPM adds
 * @param skipPrkSteps PNDM: start with a linear multi-step method instead of three Runge–Kutta steps
 * @param solverOrder DPM-Solver++: 1 or 2
 * @param lowerOrderFinal DPM-Solver++: last step of first order if there are fewer than 15
 * @param eulerAtFinal DPM-Solver++: last step of first order always
 * @param finalSigmasType DPM-Solver++ and Euler: where the walk ends
 * @param lambdaMinClipped DPM-Solver++: steps with a smaller log(α/σ) are not visited
 * @param useKarrasSigmas DPM-Solver++ and Euler: noise levels as in {@link NoiseLevels#karras}
 */
public record SamplerOptions(
    @JsonProperty("variance_type") VarianceType varianceType,
    @JsonProperty("skip_prk_steps") boolean skipPrkSteps,
    @JsonProperty("solver_order") int solverOrder,
    @JsonProperty("solver_type") SolverType solverType,
    @JsonProperty("lower_order_final") boolean lowerOrderFinal,
    @JsonProperty("euler_at_final") boolean eulerAtFinal,
    @JsonProperty("final_sigmas_type") FinalSigma finalSigmasType,
    @JsonProperty("lambda_min_clipped") double lambdaMinClipped,
    @JsonProperty("use_karras_sigmas") boolean useKarrasSigmas) {

  public static final SamplerOptions DEFAULT =
      new SamplerOptions(
          VarianceType.FIXED_SMALL, true, 2, SolverType.MIDPOINT, true, false, FinalSigma.ZERO,
          Double.NEGATIVE_INFINITY, false);

  /** Variance of the noise that DDPM adds (Ho et al. 2020, section 3.2). */
  public enum VarianceType {
    /** That of the posterior given x₀, the lower bound. */
    @JsonProperty("fixed_small")
    FIXED_SMALL,
    /** The same, by way of the logarithm. */
    @JsonProperty("fixed_small_log")
    FIXED_SMALL_LOG,
    /** β of the step, the upper bound. */
    @JsonProperty("fixed_large")
    FIXED_LARGE
  }

  /** How DPM-Solver++ reaches the second order. */
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

  public SamplerOptions {
    if (solverOrder != 1 && solverOrder != 2) {
      throw new UserException("noise schedule: solver_order: expected 1 or 2, found " + solverOrder);
    }
  }
}
