package kiln.model.network.unet;

import static kiln.model.network.unet.UNet2dConditionConfig.CROSS_ATTENTION_DOWN;
import static kiln.model.network.unet.UNet2dConditionConfig.CROSS_ATTENTION_MID;
import static kiln.model.network.unet.UNet2dConditionConfig.CROSS_ATTENTION_UP;
import static kiln.model.network.unet.UNet2dConditionConfig.PLAIN_DOWN;
import static kiln.model.network.unet.UNet2dConditionConfig.PLAIN_UP;

import java.util.Collections;
import java.util.List;

/** Published sizes. */
public final class UNet2dConditionPresets {
  private static final int CLIP_WIDTH = 768;
  private static final int OPEN_CLIP_WIDTH = 1024;
  private static final int BYT5_BASE_WIDTH = 1536;

  private UNet2dConditionPresets() {}

  /** stable-diffusion-v1-5: 859,520,964 parameters in 686 tensors. */
  public static UNet2dConditionConfig stableDiffusion15() {
    return stableDiffusion(64, List.of(8, 8, 8, 8), CLIP_WIDTH, false);
  }

  /** stabilityai/stable-diffusion-2-1: 865,910,724 parameters in 686 tensors. */
  public static UNet2dConditionConfig stableDiffusion21() {
    return stableDiffusion(96, List.of(5, 10, 20, 20), OPEN_CLIP_WIDTH, true);
  }

  /** The same for the encodings of ByT5-base: 878,690,244 parameters. */
  public static UNet2dConditionConfig stableDiffusion21ByT5Base() {
    return stableDiffusion(96, List.of(5, 10, 20, 20), BYT5_BASE_WIDTH, true);
  }

  private static UNet2dConditionConfig stableDiffusion(
      int sampleSize, List<Integer> heads, int crossAttentionDim, boolean linear) {
    return new UNet2dConditionConfig(
        sampleSize,
        4,
        4,
        List.of(320, 640, 1280, 1280),
        List.of(CROSS_ATTENTION_DOWN, CROSS_ATTENTION_DOWN, CROSS_ATTENTION_DOWN, PLAIN_DOWN),
        CROSS_ATTENTION_MID,
        List.of(PLAIN_UP, CROSS_ATTENTION_UP, CROSS_ATTENTION_UP, CROSS_ATTENTION_UP),
        Collections.nCopies(4, 2),
        heads,
        Collections.nCopies(4, crossAttentionDim),
        Collections.nCopies(4, 1),
        32,
        1e-5,
        1,
        linear,
        true,
        0,
        1280,
        3,
        3);
  }

  /** stabilityai/stable-diffusion-xl-base-1.0: 2,567,463,684 parameters in 1680 tensors. */
  public static UNet2dConditionConfig stableDiffusionXl() {
    return xl(128, List.of(320, 640, 1280), List.of(5, 10, 20), 2048, List.of(1, 2, 10), 32, 256, 2816);
  }

  /** The structure of XL in a size for tests: six time ids come with a text embedding of width 20. */
  public static UNet2dConditionConfig tinyXl() {
    return xl(16, List.of(8, 16, 16), List.of(1, 2, 2), 24, List.of(1, 1, 2), 4, 6, 56);
  }

  private static UNet2dConditionConfig xl(
      int sampleSize,
      List<Integer> channels,
      List<Integer> heads,
      int crossAttentionDim,
      List<Integer> transformerLayers,
      int groups,
      int additionTimeDim,
      int additionDim) {
    return new UNet2dConditionConfig(
        sampleSize,
        4,
        4,
        channels,
        List.of(PLAIN_DOWN, CROSS_ATTENTION_DOWN, CROSS_ATTENTION_DOWN),
        CROSS_ATTENTION_MID,
        List.of(CROSS_ATTENTION_UP, CROSS_ATTENTION_UP, PLAIN_UP),
        Collections.nCopies(3, 2),
        heads,
        Collections.nCopies(3, crossAttentionDim),
        transformerLayers,
        groups,
        1e-5,
        1,
        true,
        true,
        0,
        4 * channels.getFirst(),
        3,
        3,
        new TextTimeAddition(additionTimeDim, additionDim));
  }
}
