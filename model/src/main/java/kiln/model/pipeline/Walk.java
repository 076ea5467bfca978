package kiln.model.pipeline;

import java.util.function.IntConsumer;
import kiln.bindings.UserException;
import kiln.model.diffusion.Sampler;
import kiln.model.random.Stream;

/** The steps of one batch from noise, or from a noisy picture, to samples without noise. */
final class Walk {
  private final Sampler sampler;
  private final Predictor predictor;
  private final DrawingNoise noise;

  /**
   * @param sampler serves this walk only
   */
  Walk(Sampler sampler, Predictor predictor, DrawingNoise noise) {
    this.sampler = sampler;
    this.predictor = predictor;
    this.noise = noise;
  }

  /** From noise alone. */
  float[] run(IntConsumer stepDone) {
    return run(scaledNoise(), null, stepDone);
  }

  /**
   * From a noisy picture, as diffusers' image-to-image and inpainting pipelines.
   *
   * @param clean the picture's latents, without noise, of every picture of the batch
   * @param cells which of them may change, of one picture and without channels; null if all
   * @param fromNoise whether to forget the picture where it may change
   */
  float[] run(float[] clean, boolean[] cells, boolean fromNoise, IntConsumer stepDone) {
    Kept kept = cells == null ? null : new Kept(clean, cells, noise.elements() / cells.length);
    return run(fromNoise ? scaledNoise() : noisy(clean, 0), kept, stepDone);
  }

  private float[] run(float[] sample, Kept kept, IntConsumer stepDone) {
    float[] timesteps = sampler.timesteps();
    float[] output = new float[sample.length];
    for (int i = 0; i < timesteps.length; i++) {
      predictor.predict(sample, sampler.inputScale(i), timesteps[i], output);
      sampler.step(output, i, sample, sampler.usesNoise() ? noise.normal(Stream.DRAWING_STEP, i) : output);
      if (kept != null) {
        kept.putBack(sample, noisy(kept.clean, i + 1));
      }
      checkFinite(sample, i, timesteps.length);
      stepDone.accept(i);
    }
    return sample;
  }

  private float[] scaledNoise() {
    float[] start = noise.normal(Stream.DRAWING, 0);
    for (int i = 0; i < start.length; i++) {
      start[i] *= sampler.initialNoiseScale();
    }
    return start;
  }

  private float[] noisy(float[] clean, int index) {
    return sampler.addNoise(clean, noise.normal(Stream.DRAWING, 0), index);
  }

  private void checkFinite(float[] sample, int index, int numSteps) {
    for (int i = 0; i < sample.length; i++) {
      if (!Float.isFinite(sample[i])) {
        throw new UserException(
            "picture " + (noise.numbers()[i / noise.elements()] + 1) + ": found " + sample[i] + " in it after step "
                + (index + 1) + " of " + numSteps + ", expected finite numbers: weights, scheduler or guidance do not fit");
      }
    }
  }

  /** What inpainting leaves as it is. */
  private record Kept(float[] clean, boolean[] cells, int channels) {
    /** {@code from} where nothing is to be repainted. */
    void putBack(float[] sample, float[] from) {
      for (int i = 0; i < sample.length; i++) {
        if (!cells[i / channels % cells.length]) {
          sample[i] = from[i];
        }
      }
    }
  }
}
