package kiln.model.network.vae;

import java.util.List;
import kiln.model.graph.Parameter;
import kiln.model.graph.Value;
import kiln.model.layer.Conv2dLayer;
import kiln.model.layer.ParameterScope;

/** Images to latents and back: diffusers' {@code AutoencoderKL}. Computes in the type of its input, float32 or bfloat16. */
public final class AutoencoderKl {
  /** Of all group norms. */
  static final double EPSILON = 1e-6;

  private final AutoencoderKlConfig config;
  private final ParameterScope scope;
  private final VaeEncoder encoder;
  private final VaeDecoder decoder;
  private final Conv2dLayer quantConv;
  private final Conv2dLayer postQuantConv;

  public AutoencoderKl(AutoencoderKlConfig config, ParameterScope scope) {
    this.config = config;
    this.scope = scope;
    this.encoder = new VaeEncoder(scope.child("encoder"), config);
    this.decoder = new VaeDecoder(scope.child("decoder"), config);
    int latent = config.latentChannels();
    this.quantConv =
        config.useQuantConv() ? Conv2dLayer.same(scope.child("quant_conv"), 2 * latent, 2 * latent, 1) : null;
    this.postQuantConv =
        config.usePostQuantConv() ? Conv2dLayer.same(scope.child("post_quant_conv"), latent, latent, 1) : null;
  }

  public AutoencoderKlConfig config() {
    return config;
  }

  public List<Parameter> parameters() {
    return scope.parameters();
  }

  /**
   * images [N, H, W, inChannels], values in [-1, 1] → distribution over latents [N, H/reduction, W/reduction, …], which is
   * float32 in any case.
   */
  public Moments encode(Value images) {
    return scope.trace(
        images.graph(),
        () -> {
          Value h = encoder.apply(images);
          return Moments.of(quantConv == null ? h : quantConv.apply(h));
        });
  }

  /** Unscaled latents z [N, h, w, latentChannels] → images [N, h·reduction, w·reduction, outChannels] of the same type. */
  public Value decode(Value z) {
    return scope.trace(z.graph(), () -> decoder.apply(postQuantConv == null ? z : postQuantConv.apply(z)));
  }
}
