package kiln.model.diffusion;

/**
 * A walk from noise to a sample, one call of the network per step. A sampler serves one walk (multi-step methods remember
 * earlier outputs) of any number of samples at once, since its arithmetic is elementwise.
 *
 * <pre>
 *   x = noise · initialNoiseScale()
 *   for index in 0 … timesteps().length − 1:
 *     output = network(x · inputScale(index), timesteps()[index])
 *     step(output, index, x, fresh noise if usesNoise())
 * </pre>
 */
public sealed interface Sampler permits DdimSampler, DpmSolverPlusPlusSampler {
  /**
   * The training step at which the network is asked, for every sampler step, falling. Fractional if the walk is defined by noise
   * levels rather than by training steps.
   */
  float[] timesteps();

  /** Standard deviation of the noise that the walk starts from. */
  default float initialNoiseScale() {
    return 1;
  }

  /** What the sample is multiplied by before the network sees it. */
  default float inputScale(int index) {
    return 1;
  }

  /** Whether {@link #step} adds noise. */
  boolean usesNoise();

  /**
   * Moves {@code sample} one step, in place.
   *
   * @param output what the network predicted for it, of the kind that the schedule says
   * @param index step of the walk; steps are taken in order
   * @param noise N(0, 1) of the sample's size; not read unless {@link #usesNoise}
   * @throws IllegalArgumentException if {@code index} is not the next step of a walk that has memory
   */
  void step(float[] output, int index, float[] sample, float[] noise);
}
