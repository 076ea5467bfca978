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
  private static final int OPEN_CLIP_WIDTH = 1024;
  private static final int BYT5_BASE_WIDTH = 1536;

  private UNet2dConditionPresets() {}

  /** stabilityai/stable-diffusion-2-1: 865,910,724 parameters. */
  public static UNet2dConditionConfig stableDiffusion21() {
    return stableDiffusion21(OPEN_CLIP_WIDTH);
  }

  /** The same for the encodings of ByT5-base: 878,690,244 parameters. */
  public static UNet2dConditionConfig stableDiffusion21ByT5Base() {
    return stableDiffusion21(BYT5_BASE_WIDTH);
  }

  private static UNet2dConditionConfig stableDiffusion21(int crossAttentionDim) {
    return new UNet2dConditionConfig(
        96,
        4,
        4,
        List.of(320, 640, 1280, 1280),
        List.of(CROSS_ATTENTION_DOWN, CROSS_ATTENTION_DOWN, CROSS_ATTENTION_DOWN, PLAIN_DOWN),
        CROSS_ATTENTION_MID,
        List.of(PLAIN_UP, CROSS_ATTENTION_UP, CROSS_ATTENTION_UP, CROSS_ATTENTION_UP),
        Collections.nCopies(4, 2),
        List.of(5, 10, 20, 20),
        Collections.nCopies(4, crossAttentionDim),
        Collections.nCopies(4, 1),
        32,
        1e-5,
        1,
        true,
        true,
        0,
        1280,
        3,
        3);
  }
}
