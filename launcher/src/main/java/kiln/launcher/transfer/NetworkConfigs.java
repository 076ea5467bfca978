package kiln.launcher.transfer;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import kiln.bindings.UserException;
import kiln.launcher.checkpoint.NetworkFiles;
import kiln.launcher.preset.Preset;
import kiln.model.graph.Parameter;
import kiln.model.layer.ParameterScope;
import kiln.model.network.ConfigReader;
import kiln.model.network.t5.T5Config;
import kiln.model.network.t5.T5Encoder;
import kiln.model.network.unet.UNet2dConditionConfig;
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.network.vae.AutoencoderKlConfig;
import tools.jackson.databind.node.ObjectNode;

/** Whether two config.json describe the same network: as networks read them, with the defaults of what is left out. */
public final class NetworkConfigs {
  /** What a network computes does not depend on these. */
  private static final Set<String> INFORMATIVE = Set.of("sample_size", "scaling_factor", "initializer_factor");

  private NetworkConfigs() {}

  /**
   * A configuration as Kiln writes it, whatever it left out.
   *
   * @param folder which network it is: {@link NetworkFiles#UNET}, {@link NetworkFiles#TEXT_ENCODER}, {@link NetworkFiles#VAE}
   * @throws UserException if it asks for something that Kiln does not have
   */
  public static ObjectNode normalized(String folder, ConfigReader reader) {
    return switch (folder) {
      case NetworkFiles.UNET -> UNet2dConditionConfig.read(reader).toJson();
      case NetworkFiles.VAE -> AutoencoderKlConfig.read(reader).toJson();
      case NetworkFiles.TEXT_ENCODER -> T5Config.read(reader).toJson();
      default -> throw new IllegalArgumentException("no network is called " + folder);
    };
  }

  /**
   * Whether a preset's UNet reads encodings as wide as its text encoder writes them.
   *
   * @throws UserException if not
   */
  public static void checkWidths(Preset preset) {
    if (preset.unet() == null || preset.textEncoder() == null) {
      return;
    }
    String source = "preset " + preset.name() + ": ";
    int width = T5Config.read(new ConfigReader(source + NetworkFiles.TEXT_ENCODER, preset.textEncoder())).dModel();
    UNet2dConditionConfig unet = UNet2dConditionConfig.read(new ConfigReader(source + NetworkFiles.UNET, preset.unet()));
    if (unet.crossAttentionDim().stream().anyMatch(dim -> dim != width)) {
      String found = "unet.cross_attention_dim: found " + preset.unet().get("cross_attention_dim");
      throw new UserException(source + found + ", expected " + width + " as text_encoder.d_model");
    }
  }

  /**
   * The parameters of a network, named as in a process with several: only declared, nothing is allocated.
   *
   * @param config as {@link #normalized} gives it
   */
  static List<Parameter> parameters(String folder, ObjectNode config) {
    ConfigReader reader = new ConfigReader(folder, config);
    ParameterScope scope = new ParameterScope().child(folder);
    return switch (folder) {
      case NetworkFiles.UNET -> new UNet2dConditionModel(UNet2dConditionConfig.read(reader), scope).parameters();
      case NetworkFiles.VAE -> new AutoencoderKl(AutoencoderKlConfig.read(reader), scope).parameters();
      case NetworkFiles.TEXT_ENCODER -> new T5Encoder(T5Config.read(reader), scope).parameters();
      default -> throw new IllegalArgumentException("no network is called " + folder);
    };
  }

  /**
   * The first difference that matters, as in {@code norm_num_groups: found 32, expected 4}; empty if there is none.
   *
   * @param except fields that may differ
   */
  public static Optional<String> difference(ObjectNode found, ObjectNode expected, Set<String> except) {
    return expected.propertyStream()
        .filter(field -> !field.getKey().startsWith("_"))
        .filter(field -> !INFORMATIVE.contains(field.getKey()) && !except.contains(field.getKey()))
        .filter(field -> !field.getValue().equals(found.get(field.getKey())))
        .map(field -> field.getKey() + ": found " + found.get(field.getKey()) + ", expected " + field.getValue())
        .findFirst();
  }
}
