package kiln.launcher.folder;

import java.nio.file.Path;
import java.util.List;
import kiln.bindings.UserException;
import kiln.model.graph.Parameter;
import kiln.model.layer.ParameterScope;
import kiln.model.network.clip.ClipTextConfig;
import kiln.model.network.clip.ClipTextModel;
import kiln.model.network.clip.ClipTextWeightNames;
import kiln.model.network.t5.T5Config;
import kiln.model.network.t5.T5Encoder;
import kiln.model.network.t5.T5ForConditionalGeneration;
import kiln.model.network.t5.T5ForConditionalGenerationConfig;
import kiln.model.network.t5.T5ForConditionalGenerationWeightNames;
import kiln.model.network.t5.T5WeightNames;
import kiln.model.network.unet.UNet2dConditionConfig;
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.network.unet.UNet2dConfig;
import kiln.model.network.unet.UNet2dModel;
import kiln.model.network.unet.UNet2dWeightNames;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.network.vae.AutoencoderKlConfig;
import kiln.model.network.vae.AutoencoderKlWeightNames;
import kiln.model.weights.WeightNames;
import kiln.model.weights.WeightSource;

/** The networks of a folder's components as Kiln builds them: only declared, nothing is allocated. */
public final class Networks {
  private Networks() {}

  /**
   * The parameters that a network of that configuration has.
   *
   * @throws UserException if the configuration asks for something that Kiln does not have
   */
  public static List<Parameter> parameters(Component component) {
    Path config = component.requireConfig();
    ParameterScope scope = new ParameterScope();
    return switch (component.kind()) {
      case UNET_2D_CONDITION -> new UNet2dConditionModel(UNet2dConditionConfig.read(config), scope).parameters();
      case AUTOENCODER_KL -> new AutoencoderKl(AutoencoderKlConfig.read(config), scope).parameters();
      case UNET_2D -> new UNet2dModel(UNet2dConfig.read(config), scope).parameters();
      case T5_ENCODER -> new T5Encoder(T5Config.read(config), scope).parameters();
      case T5 -> new T5ForConditionalGeneration(t5(component, config), scope).parameters();
      case CLIP_TEXT -> new ClipTextModel(ClipTextConfig.read(config), scope).parameters();
      case SCHEDULER, TOKENIZER, OPTIMIZER, OTHER ->
          throw new UserException(config + ": found a " + component.className() + ", expected a network that Kiln has");
    };
  }

  /** Whether the output layer is the table of embeddings depends on the file, whatever the configuration says. */
  private static T5ForConditionalGenerationConfig t5(Component component, Path config) {
    T5ForConditionalGenerationConfig read = T5ForConditionalGenerationConfig.read(config);
    try (WeightSource source = WeightSource.open(component.weights().getFirst())) {
      return read.withTiedEmbeddings(!source.tensors().containsKey(T5ForConditionalGenerationWeightNames.LM_HEAD));
    }
  }

  /** From the names in the network's files to those of its parameters. */
  public static WeightNames weightNames(ComponentKind kind) {
    return switch (kind) {
      case AUTOENCODER_KL -> new AutoencoderKlWeightNames();
      case UNET_2D -> new UNet2dWeightNames();
      case T5_ENCODER -> new T5WeightNames();
      case T5 -> new T5ForConditionalGenerationWeightNames();
      case CLIP_TEXT -> new ClipTextWeightNames();
      case UNET_2D_CONDITION, SCHEDULER, TOKENIZER, OPTIMIZER, OTHER -> WeightNames.SAME;
    };
  }
}
