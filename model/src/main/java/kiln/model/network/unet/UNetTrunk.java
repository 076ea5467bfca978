package kiln.model.network.unet;

import java.util.ArrayList;
import java.util.List;
import kiln.model.graph.Value;
import kiln.model.layer.Conv2dLayer;
import kiln.model.layer.GroupNormLayer;
import kiln.model.layer.ParameterScope;

/**
 * What all UNets of diffusers have in common: the way down, the middle, the way up and the output (Ronneberger et al. 2015).
 *
 * <pre>
 *   conv_in ─ down_blocks ─ mid_block ─ up_blocks ─ conv_norm_out, SiLU ─ conv_out
 *                 └──────── skips ─────────┘
 * </pre>
 */
final class UNetTrunk {
  private final List<DownBlock> downBlocks = new ArrayList<>();
  private final MidBlock midBlock;
  private final List<UpBlock> upBlocks = new ArrayList<>();
  private final GroupNormLayer convNormOut;
  private final Conv2dLayer convOut;

  /**
   * @param scope of the network: the trunk has no name of its own
   */
  UNetTrunk(ParameterScope scope, TrunkShape shape) {
    int levels = shape.numLevels();
    for (int level = 0; level < levels; level++) {
      downBlocks.add(new DownBlock(scope.child("down_blocks." + level), level, shape));
    }
    this.midBlock = shape.midResnets() == 0 ? null : new MidBlock(scope.child("mid_block"), shape);
    for (int i = 0; i < levels; i++) {
      upBlocks.add(new UpBlock(scope.child("up_blocks." + i), levels - 1 - i, shape));
    }
    int channels = shape.channels(0);
    this.convNormOut =
        new GroupNormLayer(scope.child("conv_norm_out"), channels, shape.numGroups(), shape.epsilon());
    this.convOut = Conv2dLayer.same(scope.child("conv_out"), channels, shape.outChannels(), shape.convOutKernel());
  }

  /** The output of conv_in [N, H, W, first level's width] → [N, H, W, outChannels]. */
  Value apply(Value x, Conditioning conditioning) {
    List<Value> skips = new ArrayList<>(List.of(x));
    Value h = x;
    for (DownBlock block : downBlocks) {
      h = block.apply(h, conditioning, skips);
    }
    if (midBlock != null) {
      h = midBlock.apply(h, conditioning);
    }
    for (UpBlock block : upBlocks) {
      h = block.apply(h, conditioning, skips);
    }
    return convOut.apply(convNormOut.applyWithSilu(h));
  }
}
