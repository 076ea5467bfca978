package kiln.model.network.unet;

import java.util.List;
import kiln.model.layer.ParameterScope;
import kiln.model.layer.ResnetBlock2d;

/**
 * What {@link UNetTrunk} needs to know of a network's configuration. Lists have one element per level, from the highest
 * resolution down, those for the way up too.
 *
 * @param midResnets 0 for no middle at all, 1 for a residual block, 2 for two with {@code midAttention} between them
 */
record TrunkShape(
    List<Integer> blockOutChannels,
    List<Integer> layersPerBlock,
    List<BlockAttention.Factory> downAttentions,
    int midResnets,
    BlockAttention.Factory midAttention,
    List<BlockAttention.Factory> upAttentions,
    int outChannels,
    int convOutKernel,
    int timeChannels,
    int numGroups,
    double epsilon,
    int downsamplePadding) {
  int numLevels() {
    return blockOutChannels.size();
  }

  /** Of {@code level}, or of the nearest level that there is. */
  int channels(int level) {
    return blockOutChannels.get(Math.clamp(level, 0, numLevels() - 1));
  }

  ResnetBlock2d resnet(ParameterScope scope, int in, int out) {
    return new ResnetBlock2d(scope, in, out, timeChannels, numGroups, epsilon);
  }
}
