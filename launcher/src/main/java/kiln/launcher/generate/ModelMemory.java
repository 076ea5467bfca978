package kiln.launcher.generate;

import kiln.model.pipeline.PlanSizes;

/**
 * Bytes of a model's weights.
 *
 * @param text of the text encoder; 0 if there is none
 * @param denoiser of the UNet
 * @param vae of the autoencoder; 0 if there is none
 * @param oneAtATime whether only the network that works is in memory, with its plan
 */
record ModelMemory(long text, long denoiser, long vae, boolean oneAtATime) {
  long weights() {
    return text + denoiser + vae;
  }

  /** Bytes of weights and plans when they are most. */
  long peak(PlanSizes plans) {
    if (!oneAtATime) {
      return weights() + plans.together();
    }
    long decoding = vae + Math.max(plans.encode().bytes(), plans.decode().bytes());
    return Math.max(Math.max(text + plans.text().bytes(), denoiser + plans.denoise().bytes()), decoding);
  }
}
