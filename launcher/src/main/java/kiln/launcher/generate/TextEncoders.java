package kiln.launcher.generate;

import kiln.bindings.UserException;
import kiln.launcher.folder.Component;
import kiln.model.layer.ParameterScope;
import kiln.model.network.TextEncoder;
import kiln.model.network.clip.ClipTextConfig;
import kiln.model.network.clip.ClipTextModel;
import kiln.model.network.t5.T5Config;
import kiln.model.network.t5.T5Encoder;

/** The text encoders that a model may have. */
final class TextEncoders {
  private TextEncoders() {}

  /**
   * @throws UserException if the folder holds another network, or one that Kiln does not have
   */
  static TextEncoder open(Component component, ParameterScope scope) {
    return switch (component.kind()) {
      case T5_ENCODER, T5 -> new T5Encoder(T5Config.read(component.requireConfig()), scope);
      case CLIP_TEXT -> new ClipTextModel(ClipTextConfig.read(component.requireConfig()), scope);
      case UNET_2D_CONDITION, UNET_2D, AUTOENCODER_KL, SCHEDULER, TOKENIZER, OPTIMIZER, OTHER ->
          throw new UserException(
              component.path() + ": found a " + component.className() + ", expected a text encoder that Kiln has");
    };
  }
}
