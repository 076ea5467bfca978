package kiln.model.diffusion;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
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
   * The training steps that samplers with a noise schedule of whole steps visit, falling.
   *
   * @param firstStep steps left out at the start
   * @throws UserException if there are fewer training steps than {@code numSteps}
   */
  static int[] timesteps(NoiseSchedule schedule, int numSteps, int firstStep) {
    int[] all = schedule.timestepSpacing().timesteps(schedule.numTrainTimesteps(), numSteps, schedule.stepsOffset());
    requireFirst(firstStep, numSteps);
    return Arrays.copyOfRange(all, firstStep, numSteps);
  }

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
            case LEADING -> rising * (numTrain / numSteps) + offset;
            case TRAILING -> (int) Math.rint(numTrain - i * ratio) - 1;
          };
    }
    requireInside(timesteps[0], numTrain, numSteps, offset);
    return timesteps;
  }

  /** As {@link #timesteps}, not rounded to whole steps with {@link #LINSPACE}: for samplers that walk noise levels. */
  float[] fractionalTimesteps(int numTrain, int numSteps, int offset) {
    float[] timesteps = asFloats(timesteps(numTrain, numSteps, offset));
    if (this == LINSPACE && numSteps > 1) {
      for (int i = 0; i < numSteps; i++) {
        timesteps[i] = (float) ((numSteps - 1 - i) * ((numTrain - 1.0) / (numSteps - 1)));
      }
    }
    return timesteps;
  }

  /**
   * As {@link #timesteps}, the way diffusers' multi-step solvers count: one interval more, of which the last end is step 0, not
   * visited.
   *
   * @param last number of steps to choose from, from 0 on; less than {@code numTrain} if the log-SNR is clipped;
   *     with {@link #TRAILING}, which keeps its stride, fewer steps are then returned
   */
  int[] solverTimesteps(int numTrain, int last, int numSteps, int offset) {
    require(numSteps, last - 1);
    int[] timesteps = new int[numSteps];
    for (int i = 0; i < numSteps; i++) {
      int rising = numSteps - i;
      timesteps[i] =
          switch (this) {
            case LINSPACE -> (int) Math.rint(rising * ((last - 1.0) / numSteps));
            case LEADING -> rising * (last / (numSteps + 1)) + offset;
            case TRAILING -> (int) Math.rint(last - i * ((double) numTrain / numSteps)) - 1;
          };
    }
    requireInside(timesteps[0], numTrain, numSteps, offset);
    return Arrays.stream(timesteps).filter(t -> t >= 0).toArray();
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

  private static void requireInside(int first, int numTrain, int numSteps, int offset) {
    if (first >= numTrain) {
      throw new UserException(
          "--steps: expected fewer, found " + numSteps + ", which with steps_offset " + offset + " start at training step "
              + first + " of " + numTrain);
    }
  }

  /** A walk must have at least one step left. */
  static void requireFirst(int firstStep, int numSteps) {
    if (firstStep < 0 || firstStep >= numSteps) {
      throw new IllegalArgumentException("firstStep: expected 0 to " + (numSteps - 1) + ", found " + firstStep);
    }
  }
}
