package kiln.model.diffusion;

/**
 * A walk from noise to a sample, one call of the network per step. A sampler serves one walk (multi-step methods remember
 * earlier outputs) of any number of samples at once, since its arithmetic is elementwise.
 *
 * <pre>
 *   x = noise · initialNoiseScale()                or addNoise(x₀, noise, 0), to start from a picture
 *   for index in 0 … timesteps().length − 1:
 *     output = network(x · inputScale(index), timesteps()[index])
 *     step(output, index, x, fresh noise if usesNoise())
 * </pre>
 *
 * <p>A walk that skips its first steps, for image-to-image, is made as such (see {@link SchedulerConfig#sampler}) and starts at
 * index 0 too.
 */
public sealed interface Sampler
    permits DdimSampler, DdpmSampler, DpmSolverPlusPlusSampler, EulerAncestralSampler, EulerSampler, PndmSampler {
  /** What a noisy sample is made of: {@code ofSample}·x₀ + {@code ofNoise}·ε. */
  record Level(double ofSample, double ofNoise) {
    static final Level CLEAN = new Level(1, 0);
  }

  /**
   * The training step at which the network is asked, for every sampler step, falling. Fractional if the walk is defined by noise
   * levels rather than by training steps.
   */
  float[] timesteps();

  /**
   * The level of the sample that step {@code index} takes, in the sampler's own scale.
   *
   * @param index 0 to {@code timesteps().length}, the latter being the end of the walk, without noise
   */
  Level level(int index);

  /**
   * Brings {@code clean} to the level at which step {@code index} takes samples: to start from a picture, or to keep a part of
   * one.
   *
   * @param clean x₀; not changed
   * @param noise N(0, 1) of the same size; not changed
   * @return a new array
   */
  default float[] addNoise(float[] clean, float[] noise, int index) {
    Level level = level(index);
    float[] noisy = new float[clean.length];
    for (int i = 0; i < noisy.length; i++) {
      noisy[i] = (float) (level.ofSample() * clean[i] + level.ofNoise() * noise[i]);
    }
    return noisy;
  }

  /** Standard deviation of the noise that a whole walk starts from. */
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
