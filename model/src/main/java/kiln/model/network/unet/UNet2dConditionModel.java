package kiln.model.network.unet;

import java.util.ArrayList;
import java.util.List;
import kiln.model.graph.Graph;
import kiln.model.graph.Parameter;
import kiln.model.graph.Value;
import kiln.model.layer.Conv2dLayer;
import kiln.model.layer.GroupNormLayer;
import kiln.model.layer.ParameterScope;
import kiln.model.op.Ops;
import kiln.model.op.TimestepEmbedding;

/**
 * Predicts the noise (or velocity) in a latent at a time, steered by text: diffusers' {@code UNet2DConditionModel} in the form
 * of Stable Diffusion 2.1.
 *
 * <pre>
 *   sample ─ conv_in ─ down_blocks ─ mid_block ─ up_blocks ─ conv_norm_out, SiLU ─ conv_out ─ prediction
 *                          └──────── skips ─────────┘
 * </pre>
 */
public final class UNet2dConditionModel {
  private static final float MAX_PERIOD = 10_000;

  private final UNet2dConditionConfig config;
  private final ParameterScope scope;
  private final Conv2dLayer convIn;
  private final TimestepEmbeddingMlp timeEmbedding;
  private final List<DownBlock> downBlocks = new ArrayList<>();
  private final MidBlock midBlock;
  private final List<UpBlock> upBlocks = new ArrayList<>();
  private final GroupNormLayer convNormOut;
  private final Conv2dLayer convOut;

  public UNet2dConditionModel(UNet2dConditionConfig config, ParameterScope scope) {
    this.config = config;
    this.scope = scope;
    int channels = config.blockOutChannels().getFirst();
    this.convIn = Conv2dLayer.same(scope.child("conv_in"), config.inChannels(), channels, config.convInKernel());
    this.timeEmbedding =
        new TimestepEmbeddingMlp(scope.child("time_embedding"), channels, config.timeEmbeddingDim());
    for (int i = 0; i < config.numLevels(); i++) {
      downBlocks.add(new DownBlock(scope.child("down_blocks." + i), i, config));
    }
    boolean hasMid = !config.midBlockType().equals(UNet2dConditionConfig.NO_MID);
    this.midBlock = hasMid ? new MidBlock(scope.child("mid_block"), config) : null;
    for (int i = 0; i < config.numLevels(); i++) {
      upBlocks.add(new UpBlock(scope.child("up_blocks." + i), i, config));
    }
    this.convNormOut =
        new GroupNormLayer(scope.child("conv_norm_out"), channels, config.normNumGroups(), config.normEps());
    this.convOut = Conv2dLayer.same(scope.child("conv_out"), channels, config.outChannels(), config.convOutKernel());
  }

  public UNet2dConditionConfig config() {
    return config;
  }

  public List<Parameter> parameters() {
    return scope.parameters();
  }

  /**
   * @param sample noisy latents [N, H, W, inChannels], of any size
   * @param timesteps int32 or float32 [N]
   * @param encoderHiddenStates encodings of the captions [N, L, crossAttentionDim]
   * @param encoderMask int32 [N, L], 1 = token, 0 = padding; null to attend to everything, as diffusers does
   * @return [N, H, W, outChannels]
   */
  public Value apply(Value sample, Value timesteps, Value encoderHiddenStates, Value encoderMask) {
    Graph graph = sample.graph();
    return scope.trace(
        graph,
        () -> {
          Value time = Ops.silu(timeEmbedding.apply(sinusoids(timesteps))); // [N, timeEmbeddingDim]
          Conditioning conditioning = new Conditioning(time, encoderHiddenStates, encoderMask);

          Value h = convIn.apply(sample);
          List<Value> skips = new ArrayList<>(List.of(h));
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
        });
  }

  /** timesteps [N] → [N, blockOutChannels of the first level]. */
  private Value sinusoids(Value timesteps) {
    TimestepEmbedding op =
        new TimestepEmbedding(
            config.blockOutChannels().getFirst(), config.flipSinToCos(), (float) config.freqShift(), MAX_PERIOD);
    return timesteps.graph().scoped("time_proj", () -> timesteps.graph().apply(op, timesteps));
  }
}
