package kiln.launcher.folder;

import java.util.Map;

/** What a part of a model folder is. Networks that Kiln does not have are {@link #OTHER}. */
public enum ComponentKind {
  /** diffusers' {@code UNet2DConditionModel}. */
  UNET_2D_CONDITION("unet"),
  /** diffusers' {@code UNet2DModel}. */
  UNET_2D("unet"),
  /** diffusers' {@code AutoencoderKL}. */
  AUTOENCODER_KL("vae"),
  /** transformers' {@code T5EncoderModel}. */
  T5_ENCODER("text_encoder"),
  /** transformers' {@code T5ForConditionalGeneration}, whose encoder is a {@link #T5_ENCODER}. */
  T5("text_encoder"),
  /** transformers' {@code CLIPTextModel}. */
  CLIP_TEXT("text_encoder"),
  /** A noise schedule and a sampler: no weights. */
  SCHEDULER("scheduler"),
  /** Text to token ids: no weights. */
  TOKENIZER("tokenizer"),
  /** AdamW's moments in a checkpoint of Kiln. */
  OPTIMIZER("optimizer"),
  OTHER("");

  private static final Map<String, ComponentKind> BY_CLASS =
      Map.of(
          "UNet2DConditionModel", UNET_2D_CONDITION,
          "UNet2DModel", UNET_2D,
          "AutoencoderKL", AUTOENCODER_KL,
          "T5EncoderModel", T5_ENCODER,
          "T5ForConditionalGeneration", T5,
          "CLIPTextModel", CLIP_TEXT,
          "CLIPTextModelWithProjection", CLIP_TEXT);

  private final String role;

  ComponentKind(String role) {
    this.role = role;
  }

  /** The name that pipelines usually have for it; empty for {@link #OTHER}. */
  public String role() {
    return role;
  }

  /** Whether Kiln has the network. */
  public boolean isNetwork() {
    return switch (this) {
      case UNET_2D_CONDITION, UNET_2D, AUTOENCODER_KL, T5_ENCODER, T5, CLIP_TEXT -> true;
      case SCHEDULER, TOKENIZER, OPTIMIZER, OTHER -> false;
    };
  }

  /** Of a class of diffusers or transformers. */
  static ComponentKind ofClass(String className) {
    return BY_CLASS.getOrDefault(className, OTHER);
  }

  /** Of a config.json of transformers, which often names no class or that of a larger model. */
  static ComponentKind ofTransformers(String modelType, String className) {
    return switch (modelType) {
      case "t5" -> className.equals("T5EncoderModel") ? T5_ENCODER : T5;
      case "clip_text_model" -> CLIP_TEXT;
      default -> OTHER;
    };
  }
}
