package kiln.model.pipeline;

import kiln.bindings.UserException;
import kiln.model.diffusion.SchedulerConfig;
import kiln.model.graph.DType;
import kiln.model.network.TextEncoder;
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.plan.Backend;

/**
 * Captions to images, in phases:
 *
 * <pre>
 *   all captions ─ text encoder ─▶ encodings        start image ─ VAE encoder ─▶ latents
 *   encodings, noise (and latents) ─ UNet, batch by batch ─▶ latents ─ VAE decoder ─▶ pictures
 * </pre>
 *
 * A phase holds the weights of its network and one plan, and gives both back before the next begins. What passes from one to the
 * next is small.
 */
public final class LatentDiffusionPipeline {
  final TextEncoder textEncoder;
  final UNet2dConditionModel unet;
  final AutoencoderKl vae;
  final SchedulerConfig scheduler;
  final Weights weights;
  final Backend backend;
  final DType compute;

  /** The weights of the three networks, which must outlive the pipeline. */
  public record Weights(NetworkWeights textEncoder, NetworkWeights unet, NetworkWeights vae) {}

  /**
   * @param compute what the networks compute in, float32 or bfloat16; what passes between them is float32 in any case
   * @throws UserException if the networks do not fit each other
   */
  public LatentDiffusionPipeline(
      TextEncoder textEncoder,
      UNet2dConditionModel unet,
      AutoencoderKl vae,
      SchedulerConfig scheduler,
      Weights weights,
      Backend backend,
      DType compute) {
    this.textEncoder = textEncoder;
    this.unet = unet;
    this.vae = vae;
    this.scheduler = scheduler;
    this.weights = weights;
    this.backend = backend;
    this.compute = compute;
    int latents = vae.config().latentChannels();
    require("unet: in_channels", unet.config().inChannels(), "the VAE's latent_channels", latents);
    require("unet: out_channels", unet.config().outChannels(), "the VAE's latent_channels", latents);
    for (int width : unet.config().crossAttentionDim()) {
      require("unet: cross_attention_dim", width, "the text encoder's width", textEncoder.width());
    }
  }

  private static void require(String name, int found, String what, int expected) {
    if (found != expected) {
      throw new UserException(name + ": expected " + expected + ", " + what + ", found " + found);
    }
  }

  /**
   * Draws one image per subject, and hands each to the listener.
   *
   * @throws UserException if the size is none that the networks can have, if there are too many steps, if values are not finite,
   *     or if the start image is not in [-1, 1]
   */
  public DecodedRange draw(DrawingJob job, DrawingListener listener) {
    return new LatentDrawing(this, job, listener).draw();
  }
}
