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
 * A phase takes the weights of its network and one plan, and what passes from one to the next is small. All plans lie in one
 * region, one over the other. If all weights are {@linkplain NetworkWeights#fixed fixed}, each phase keeps the plan that it ran
 * last, with the weights that its kernels have rearranged, for drawings of the same shape; else it gives plan, region and weights
 * back before the next phase begins.
 */
public final class LatentDiffusionPipeline implements AutoCloseable {
  final TextEncoder textEncoder;
  final UNet2dConditionModel unet;
  final AutoencoderKl vae;
  final SchedulerConfig scheduler;
  final Phase<Integer, TextPlan> textPhase; // by the captions' length
  final Phase<EncodePlan.Shape, EncodePlan> encodePhase;
  final Phase<DenoisePlan.Shape, DenoisePlan> denoisePhase;
  final Phase<DecodePlan.Shape, DecodePlan> decodePhase;
  private final SharedRegion memory;

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
    memory = new SharedRegion(backend.memory());
    this.textEncoder = textEncoder;
    this.unet = unet;
    this.vae = vae;
    this.scheduler = scheduler;
    boolean keeps = weights.textEncoder.fixed() && weights.unet.fixed() && weights.vae.fixed();
    textPhase =
        new Phase<>(weights.textEncoder, memory, keeps, length -> new TextPlan(length, textEncoder, backend, compute));
    encodePhase = new Phase<>(weights.vae, memory, keeps, shape -> new EncodePlan(shape, vae, backend, compute));
    denoisePhase =
        new Phase<>(weights.unet, memory, keeps, shape -> new DenoisePlan(shape, unet, textEncoder, backend, compute));
    decodePhase = new Phase<>(weights.vae, memory, keeps, shape -> new DecodePlan(shape, vae, backend, compute));
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
   * Draws one image per subject, and hands each to the listener. One job at a time.
   *
   * @throws UserException if the size is none that the networks can have, if there are too many steps, if values are not finite,
   *     or if the start image is not in [-1, 1]
   */
  public synchronized DecodedRange draw(DrawingJob job, DrawingListener listener) {
    return new LatentDrawing(this, job, listener).draw();
  }

  /** Takes care that plans of these sizes have room. */
  void reserve(PlanSizes sizes) {
    if (!memory.holds(sizes.region())) {
      closePlans();
    }
    memory.reserve(sizes.region());
  }

  private void closePlans() {
    textPhase.close();
    encodePhase.close();
    denoisePhase.close();
    decodePhase.close();
  }

  /** Gives back what is kept; not the weights. */
  @Override
  public synchronized void close() {
    closePlans();
    memory.close();
  }
}
