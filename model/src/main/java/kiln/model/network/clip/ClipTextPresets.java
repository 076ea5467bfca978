package kiln.model.network.clip;

import kiln.model.network.clip.ClipTextConfig.Activation;

/** The published text models of CLIP that Stable Diffusion is steered by. */
public final class ClipTextPresets {
  private ClipTextPresets() {}

  /** Stable Diffusion 1: the text model of OpenAI's ViT-L/14; 123,060,480 parameters. */
  public static ClipTextConfig stableDiffusion15() {
    return new ClipTextConfig(49408, 768, 3072, 12, 12, 77, Activation.QUICK_GELU, 1e-5, 1);
  }

  /** Stable Diffusion 2: that of OpenCLIP's ViT-H/14 without its last layer; 340,387,840 parameters. */
  public static ClipTextConfig stableDiffusion21() {
    return new ClipTextConfig(49408, 1024, 4096, 23, 16, 77, Activation.GELU, 1e-5, 1);
  }

  /** As the second in small, with its vocabulary, for tests of whole pipelines. */
  public static ClipTextConfig tiny() {
    return new ClipTextConfig(49408, 32, 64, 2, 2, 77, Activation.GELU, 1e-5, 1);
  }
}
