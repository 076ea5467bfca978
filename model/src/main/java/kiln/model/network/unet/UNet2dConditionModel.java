package kiln.model.network.unet;

import static kiln.model.network.unet.UNet2dConditionConfig.CROSS_ATTENTION_DOWN;
import static kiln.model.network.unet.UNet2dConditionConfig.CROSS_ATTENTION_MID;
import static kiln.model.network.unet.UNet2dConditionConfig.CROSS_ATTENTION_UP;
import static kiln.model.network.unet.UNet2dConditionConfig.NO_MID;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import kiln.bindings.UserException;
import kiln.model.graph.DType;
import kiln.model.graph.Parameter;
import kiln.model.graph.Value;
import kiln.model.layer.Conv2dLayer;
import kiln.model.layer.ParameterScope;
import kiln.model.op.Ops;

/**
 * Predicts the noise (or velocity) in a latent at a time, steered by text: diffusers' {@code UNet2DConditionModel} in the form
 * of Stable Diffusion 1.x, 2.x and XL.
 *
 * <p>The timestep becomes the time embedding, in float32; {@link UNetTrunk} does the rest, in the type of the sample.
 */
public final class UNet2dConditionModel {
  private final UNet2dConditionConfig config;
  private final ParameterScope scope;
  private final Conv2dLayer convIn;
  private final TimestepEmbeddingMlp timeEmbedding;
  private final TimestepEmbeddingMlp addEmbedding; // null without added conditions
  private final UNetTrunk trunk;

  public UNet2dConditionModel(UNet2dConditionConfig config, ParameterScope scope) {
    this.config = config;
    this.scope = scope;
    int channels = config.blockOutChannels().getFirst();
    int timeChannels = config.timeEmbeddingDim();
    TextTimeAddition addition = config.addition();
    this.convIn = Conv2dLayer.same(scope.child("conv_in"), config.inChannels(), channels, config.convInKernel());
    this.timeEmbedding = new TimestepEmbeddingMlp(scope.child("time_embedding"), channels, timeChannels);
    this.addEmbedding =
        addition == null
            ? null
            : new TimestepEmbeddingMlp(scope.child("add_embedding"), addition.inputDim(), timeChannels);
    this.trunk = new UNetTrunk(scope, shape(config));
  }

  private static TrunkShape shape(UNet2dConditionConfig config) {
    int levels = config.numLevels();
    List<BlockAttention.Factory> down = new ArrayList<>();
    List<BlockAttention.Factory> up = new ArrayList<>();
    for (int level = 0; level < levels; level++) {
      down.add(attention(config, level, config.downBlockTypes().get(level).equals(CROSS_ATTENTION_DOWN)));
      up.add(attention(config, level, config.upBlockTypes().get(levels - 1 - level).equals(CROSS_ATTENTION_UP)));
    }
    String mid = config.midBlockType();
    int midResnets = mid.equals(NO_MID) ? 0 : mid.equals(CROSS_ATTENTION_MID) ? 2 : 1;
    return new TrunkShape(
        config.blockOutChannels(), config.layersPerBlock(), down, midResnets, attention(config, levels - 1, true), up,
        config.outChannels(), config.convOutKernel(), config.timeEmbeddingDim(), config.normNumGroups(),
        config.normEps(), config.downsamplePadding());
  }

  private static BlockAttention.Factory attention(UNet2dConditionConfig config, int level, boolean attends) {
    return attends ? scope -> new Transformer2d(scope, level, config) : BlockAttention.Factory.NONE;
  }

  public UNet2dConditionConfig config() {
    return config;
  }

  public List<Parameter> parameters() {
    return scope.parameters();
  }

  /**
   * In a network without added conditions.
   *
   * @param sample noisy latents [N, H, W, inChannels], of any size, float32 or bfloat16
   * @param timesteps int32 or float32 [N]
   * @param encoderHiddenStates encodings of the captions [N, L, crossAttentionDim], of either type
   * @param encoderMask int32 [N, L], 1 = token, 0 = padding; null to attend to everything, as diffusers does
   * @return [N, H, W, outChannels], of the type of the sample
   * @throws UserException if the network's configuration asks for added conditions
   */
  public Value apply(Value sample, Value timesteps, Value encoderHiddenStates, Value encoderMask) {
    if (addEmbedding != null) {
      throw new UserException(
          "unet: addition_embed_type: found \"text_time\", expected null: the text and time conditions of Stable Diffusion XL"
              + " are not given here");
    }
    return predict(sample, timesteps, null, encoderHiddenStates, encoderMask);
  }

  /**
   * In a network with {@link TextTimeAddition}; the other arguments and the result as above.
   *
   * @param textEmbeds pooled text embeddings [N, D]
   * @param timeIds numbers, int32 or float32 [N, K]: for Stable Diffusion XL original height and width, top and left of the
   *     crop, target height and width, in pixels; D and K must fill {@link TextTimeAddition#inputDim}
   */
  public Value apply(
      Value sample, Value timesteps, Value encoderHiddenStates, Value encoderMask, Value textEmbeds, Value timeIds) {
    TextTimeAddition addition = config.addition();
    if (addition == null) {
      throw new IllegalArgumentException("the network's configuration has no added conditions");
    }
    int expected = addition.textWidth(timeIds.shape().last());
    if (textEmbeds.shape().last() != expected) {
      throw new IllegalArgumentException(
          "textEmbeds " + textEmbeds.shape() + " with timeIds " + timeIds.shape() + ": expected width " + expected);
    }
    Sinusoids sinusoids =
        new Sinusoids("add_time_proj", addition.timeEmbedDim(), config.flipSinToCos(), config.freqShift());
    Supplier<Value> added =
        () -> addEmbedding.apply(Ops.concat(1, textEmbeds, sinusoids.apply(timeIds))); // [N, timeEmbeddingDim]
    return predict(sample, timesteps, added, encoderHiddenStates, encoderMask);
  }

  private Value predict(Value sample, Value timesteps, Supplier<Value> added, Value text, Value mask) {
    int channels = config.blockOutChannels().getFirst();
    Sinusoids sinusoids = new Sinusoids("time_proj", channels, config.flipSinToCos(), config.freqShift());
    return scope.trace(
        sample.graph(),
        () -> {
          Value time = timeEmbedding.apply(sinusoids.apply(timesteps)); // [N, timeEmbeddingDim]
          Value steered = Ops.silu(added == null ? time : Ops.add(time, added.get()));
          DType type = sample.type().dtype();
          Conditioning conditioning = new Conditioning(Ops.cast(steered, type), Ops.cast(text, type), mask);
          return trunk.apply(convIn.apply(sample), conditioning);
        });
  }
}
