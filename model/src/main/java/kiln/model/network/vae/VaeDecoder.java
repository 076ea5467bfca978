package kiln.model.network.vae;

import java.util.ArrayList;
import java.util.List;
import kiln.model.graph.Value;
import kiln.model.layer.Conv2dLayer;
import kiln.model.layer.GroupNormLayer;
import kiln.model.layer.ParameterScope;
import kiln.model.layer.ResnetBlock2d;
import kiln.model.layer.Upsample2d;

/** Latent to image: the middle, then residual blocks at rising resolution, one more per level than the encoder has. */
final class VaeDecoder {
  private final ParameterScope scope;
  private final Conv2dLayer convIn;
  private final VaeMidBlock midBlock;
  private final List<Level> upBlocks = new ArrayList<>();
  private final GroupNormLayer convNormOut;
  private final Conv2dLayer convOut;

  /** Residual blocks, then twice the size except at the last level, where {@code upsampler} is null. */
  private record Level(ParameterScope scope, List<ResnetBlock2d> resnets, Upsample2d upsampler) {
    Value apply(Value x) {
      return scope.trace(
          x.graph(),
          () -> {
            Value h = x;
            for (ResnetBlock2d resnet : resnets) {
              h = resnet.apply(h);
            }
            return upsampler == null ? h : upsampler.apply(h);
          });
    }
  }

  VaeDecoder(ParameterScope scope, AutoencoderKlConfig config) {
    this.scope = scope;
    List<Integer> channels = config.blockOutChannels().reversed(); // from the lowest resolution up
    int groups = config.normNumGroups();
    this.convIn = Conv2dLayer.same(scope.child("conv_in"), config.latentChannels(), channels.getFirst(), 3);
    this.midBlock = new VaeMidBlock(scope.child("mid_block"), config);
    for (int i = 0; i < config.numLevels(); i++) {
      ParameterScope block = scope.child("up_blocks." + i);
      int out = channels.get(i);
      List<ResnetBlock2d> resnets = new ArrayList<>();
      for (int j = 0; j < config.layersPerBlock() + 1; j++) {
        int in = j == 0 ? channels.get(Math.max(0, i - 1)) : out;
        resnets.add(new ResnetBlock2d(block.child("resnets." + j), in, out, 0, groups, AutoencoderKl.EPSILON));
      }
      boolean last = i == config.numLevels() - 1;
      upBlocks.add(new Level(block, resnets, last ? null : new Upsample2d(block.child("upsamplers.0"), out)));
    }
    this.convNormOut =
        new GroupNormLayer(scope.child("conv_norm_out"), channels.getLast(), groups, AutoencoderKl.EPSILON);
    this.convOut = Conv2dLayer.same(scope.child("conv_out"), channels.getLast(), config.outChannels(), 3);
  }

  /** latents [N, h, w, latentChannels] → [N, H, W, outChannels]. */
  Value apply(Value latents) {
    return scope.trace(
        latents.graph(),
        () -> {
          Value h = midBlock.apply(convIn.apply(latents));
          for (Level level : upBlocks) {
            h = level.apply(h);
          }
          return convOut.apply(convNormOut.applyWithSilu(h));
        });
  }
}
