package kiln.model.network.unet;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import kiln.model.graph.Shape;
import kiln.model.graph.Value;
import kiln.model.layer.Conv2dLayer;
import kiln.model.layer.GroupNormLayer;
import kiln.model.layer.Linear;
import kiln.model.layer.ParameterScope;
import kiln.model.op.Ops;

/**
 * A stack of transformer blocks over the positions of a feature map, between two projections, added to its input. In NHWC the
 * projection by a 1x1 convolution and the linear one see the same memory.
 */
final class Transformer2d implements BlockAttention {
  private static final double EPSILON = 1e-6;

  private final ParameterScope scope;
  private final GroupNormLayer norm;
  private final int inner;
  private final UnaryOperator<Value> projIn;
  private final List<BasicTransformerBlock> blocks = new ArrayList<>();
  private final UnaryOperator<Value> projOut;

  /**
   * @param level whose width, head count, depth and context width it has
   */
  Transformer2d(ParameterScope scope, int level, UNet2dConditionConfig config) {
    this.scope = scope;
    int channels = config.blockOutChannels().get(level);
    int numHeads = config.attentionHeadDim().get(level);
    this.inner = channels / numHeads * numHeads;
    this.norm = new GroupNormLayer(scope.child("norm"), channels, config.normNumGroups(), EPSILON);
    this.projIn = projection(scope.child("proj_in"), channels, inner, config.useLinearProjection());
    for (int i = 0; i < config.transformerLayersPerBlock().get(level); i++) {
      ParameterScope block = scope.child("transformer_blocks." + i);
      blocks.add(new BasicTransformerBlock(block, inner, config.crossAttentionDim().get(level), numHeads));
    }
    this.projOut = projection(scope.child("proj_out"), inner, channels, config.useLinearProjection());
  }

  private static UnaryOperator<Value> projection(ParameterScope scope, int in, int out, boolean linear) {
    return linear ? new Linear(scope, in, out)::apply : Conv2dLayer.same(scope, in, out, 1)::apply;
  }

  @Override
  public Value apply(Value x, Conditioning conditioning) {
    return scope.trace(
        x.graph(),
        () -> {
          Shape map = x.shape().with(-1, inner);
          Value h = projIn.apply(norm.apply(x)); // [N, H, W, inner]
          h = Ops.reshape(h, Shape.of(map.dim(0), map.dim(1) * map.dim(2), inner));
          for (BasicTransformerBlock block : blocks) {
            h = block.apply(h, conditioning.text(), conditioning.mask());
          }
          return Ops.add(x, projOut.apply(Ops.reshape(h, map)));
        });
  }
}
