package kiln.model.network.unet;

import static kiln.model.network.unet.UNet2dConfig.ATTENTION_DOWN;
import static kiln.model.network.unet.UNet2dConfig.ATTENTION_UP;
import static kiln.model.network.unet.UNet2dConfig.PLAIN_DOWN;
import static kiln.model.network.unet.UNet2dConfig.PLAIN_UP;

import java.util.List;
import kiln.model.network.unet.UNet2dConfig.ClassEmbedType;

/** Published sizes: the networks of Ho et al. 2020, and small ones for tests. */
public final class UNet2dPresets {
  private UNet2dPresets() {}

  /** google/ddpm-cifar10-32: 35,746,307 parameters. */
  public static UNet2dConfig ddpmCifar10() {
    return ddpm(
        32,
        List.of(128, 256, 256, 256),
        List.of(PLAIN_DOWN, ATTENTION_DOWN, PLAIN_DOWN, PLAIN_DOWN),
        List.of(PLAIN_UP, PLAIN_UP, ATTENTION_UP, PLAIN_UP),
        2,
        32,
        0);
  }

  /** google/ddpm-celebahq-256, and google/ddpm-church-256, -bedroom-256 and -cat-256: 113,673,219 parameters. */
  public static UNet2dConfig ddpm256() {
    return ddpm(
        256,
        List.of(128, 128, 256, 256, 512, 512),
        List.of(PLAIN_DOWN, PLAIN_DOWN, PLAIN_DOWN, PLAIN_DOWN, ATTENTION_DOWN, PLAIN_DOWN),
        List.of(PLAIN_UP, ATTENTION_UP, PLAIN_UP, PLAIN_UP, PLAIN_UP, PLAIN_UP),
        2,
        32,
        0);
  }

  /** The structure of those in a size for tests. */
  public static UNet2dConfig tiny() {
    return tiny(0);
  }

  /** The same with a table of {@code numClasses} classes. */
  public static UNet2dConfig tinyWithClasses(int numClasses) {
    if (numClasses < 1) {
      throw new IllegalArgumentException("numClasses=" + numClasses);
    }
    return tiny(numClasses);
  }

  private static UNet2dConfig tiny(int numClasses) {
    return ddpm(
        16,
        List.of(8, 16, 16),
        List.of(PLAIN_DOWN, ATTENTION_DOWN, PLAIN_DOWN),
        List.of(PLAIN_UP, ATTENTION_UP, PLAIN_UP),
        1,
        4,
        numClasses);
  }

  private static UNet2dConfig ddpm(
      int sampleSize,
      List<Integer> channels,
      List<String> downBlockTypes,
      List<String> upBlockTypes,
      int layersPerBlock,
      int groups,
      int numClasses) {
    return new UNet2dConfig(
        sampleSize,
        3,
        3,
        channels,
        downBlockTypes,
        upBlockTypes,
        layersPerBlock,
        0,
        true,
        true,
        groups,
        groups,
        1e-6,
        0,
        false,
        1,
        4 * channels.getFirst(),
        numClasses == 0 ? ClassEmbedType.NONE : ClassEmbedType.TABLE,
        numClasses);
  }
}
