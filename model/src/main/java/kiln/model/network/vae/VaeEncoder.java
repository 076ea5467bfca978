package kiln.model.network.vae;

import java.util.ArrayList;
import java.util.List;
import kiln.model.graph.Value;
import kiln.model.layer.Conv2dLayer;
import kiln.model.layer.Downsample2d;
import kiln.model.layer.GroupNormLayer;
import kiln.model.layer.ParameterScope;
import kiln.model.layer.ResnetBlock2d;

/** Image to feature map: residual blocks at falling resolution, the middle, and a convolution to mean and log variance. */
final class VaeEncoder {
  /** Zeros at the right and bottom only, see {@link Downsample2d}. */
  private static final int DOWNSAMPLE_PADDING = 0;

  private final ParameterScope scope;
  private final Conv2dLayer convIn;
  private final List<Level> downBlocks = new ArrayList<>();
  private final VaeMidBlock midBlock;
  private final GroupNormLayer convNormOut;
  private final Conv2dLayer convOut;

  /** Residual blocks, then half the size except at the last level, where {@code downsampler} is null. */
  private record Level(ParameterScope scope, List<ResnetBlock2d> resnets, Downsample2d downsampler) {
    Value apply(Value x) {
      return scope.trace(
          x.graph(),
          () -> {
            Value h = x;
            for (ResnetBlock2d resnet : resnets) {
              h = resnet.apply(h);
            }
            return downsampler == null ? h : downsampler.apply(h);
          });
    }
  }

  VaeEncoder(ParameterScope scope, AutoencoderKlConfig config) {
    this.scope = scope;
    List<Integer> channels = config.blockOutChannels();
    int groups = config.normNumGroups();
    this.convIn = Conv2dLayer.same(scope.child("conv_in"), config.inChannels(), channels.getFirst(), 3);
    for (int i = 0; i < config.numLevels(); i++) {
      ParameterScope block = scope.child("down_blocks." + i);
      int out = channels.get(i);
      List<ResnetBlock2d> resnets = new ArrayList<>();
      for (int j = 0; j < config.layersPerBlock(); j++) {
        int in = j == 0 ? channels.get(Math.max(0, i - 1)) : out;
        resnets.add(new ResnetBlock2d(block.child("resnets." + j), in, out, 0, groups, AutoencoderKl.EPSILON));
      }
      boolean last = i == config.numLevels() - 1;
      Downsample2d downsampler =
          last ? null : new Downsample2d(block.child("downsamplers.0"), out, DOWNSAMPLE_PADDING);
      downBlocks.add(new Level(block, resnets, downsampler));
    }
    this.midBlock = new VaeMidBlock(scope.child("mid_block"), config);
    this.convNormOut =
        new GroupNormLayer(scope.child("conv_norm_out"), channels.getLast(), groups, AutoencoderKl.EPSILON);
    this.convOut = Conv2dLayer.same(scope.child("conv_out"), channels.getLast(), 2 * config.latentChannels(), 3);
  }

  /** images [N, H, W, inChannels] → [N, h, w, 2·latentChannels]. */
  Value apply(Value images) {
    return scope.trace(
        images.graph(),
        () -> {
          Value h = convIn.apply(images);
          for (Level level : downBlocks) {
            h = level.apply(h);
          }
          return convOut.apply(convNormOut.applyWithSilu(midBlock.apply(h)));
        });
  }
}
