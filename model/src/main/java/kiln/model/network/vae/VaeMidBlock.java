package kiln.model.network.vae;

import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.layer.ResnetBlock2d;
import kiln.model.layer.SelfAttention2d;

/**
 * Lowest resolution of encoder and decoder: residual block, attention with one head of full width unless left out, residual
 * block.
 */
final class VaeMidBlock {
  private final ParameterScope scope;
  private final ResnetBlock2d first;
  private final SelfAttention2d attention;
  private final ResnetBlock2d second;

  VaeMidBlock(ParameterScope scope, AutoencoderKlConfig config) {
    this.scope = scope;
    int channels = config.blockOutChannels().getLast();
    int groups = config.normNumGroups();
    double epsilon = AutoencoderKl.EPSILON;
    this.first = new ResnetBlock2d(scope.child("resnets.0"), channels, channels, 0, groups, epsilon);
    this.attention =
        config.midBlockAddAttention()
            ? new SelfAttention2d(scope.child("attentions.0"), channels, channels, groups, epsilon)
            : null;
    this.second = new ResnetBlock2d(scope.child("resnets.1"), channels, channels, 0, groups, epsilon);
  }

  /** x [N, H, W, C] → the same. */
  Value apply(Value x) {
    return scope.trace(
        x.graph(),
        () -> {
          Value h = first.apply(x);
          return second.apply(attention == null ? h : attention.apply(h));
        });
  }
}
