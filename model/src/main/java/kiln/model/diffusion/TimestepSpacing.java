package kiln.model.diffusion;

import com.fasterxml.jackson.annotation.JsonProperty;
import kiln.bindings.UserException;

/**
 * Which of the training steps a sampler visits, with diffusers' names (Lin et al. 2024, table 2). Roundings are to even, as
 * NumPy's.
 */
public enum TimestepSpacing {
  /** Evenly, first and last step included. */
  @JsonProperty("linspace")
  LINSPACE,
  /** Multiples of a whole number, from below; the last step is never visited. */
  @JsonProperty("leading")
  LEADING,
  /** Evenly from the last step downwards. */
  @JsonProperty("trailing")
  TRAILING;

  /**
   * {@code numSteps} of {@code numTrain} steps, falling.
   *
   * @param offset added to all of them with {@link #LEADING}
   */
  int[] timesteps(int numTrain, int numSteps, int offset) {
    require(numSteps, numTrain);
    double ratio = (double) numTrain / numSteps;
    int[] timesteps = new int[numSteps];
    for (int i = 0; i < numSteps; i++) {
      int rising = numSteps - 1 - i;
      timesteps[i] =
          switch (this) {
            case LINSPACE -> numSteps == 1 ? 0 : (int) Math.rint(rising * ((numTrain - 1.0) / (numSteps - 1)));
            case LEADING -> Math.min(numTrain - 1, rising * (numTrain / numSteps) + offset);
            case TRAILING -> (int) Math.rint(numTrain - i * ratio) - 1;
          };
    }
    return timesteps;
  }

  /**
   * As {@link #timesteps}, the way diffusers' multi-step solvers count: one interval more, of which the last end is step 0, not
   * visited.
   *
   * @param last number of steps to choose from, from 0 on; less than {@code numTrain} if the log-SNR is clipped
   */
  int[] solverTimesteps(int numTrain, int last, int numSteps, int offset) {
    require(numSteps, last - 1);
    int[] timesteps = new int[numSteps];
    for (int i = 0; i < numSteps; i++) {
      int rising = numSteps - i;
      timesteps[i] =
          switch (this) {
            case LINSPACE -> (int) Math.rint(rising * ((last - 1.0) / numSteps));
            case LEADING -> Math.min(numTrain - 1, rising * (last / (numSteps + 1)) + offset);
            case TRAILING -> (int) Math.rint(last - i * ((double) numTrain / numSteps)) - 1;
          };
    }
    return timesteps;
  }

  /** What {@link Sampler#timesteps} gives for whole training steps. */
  static float[] asFloats(int[] timesteps) {
    float[] floats = new float[timesteps.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = timesteps[i];
    }
    return floats;
  }

  private static void require(int numSteps, int maximum) {
    if (numSteps < 1 || numSteps > maximum) {
      throw new UserException("--steps: expected 1 to " + maximum + " sampler steps, found " + numSteps);
    }
  }
}
