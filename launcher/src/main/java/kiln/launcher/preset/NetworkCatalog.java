package kiln.launcher.preset;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import kiln.model.graph.Parameter;
import kiln.model.layer.ParameterScope;
import kiln.model.network.clip.ClipTextConfig;
import kiln.model.network.clip.ClipTextModel;
import kiln.model.network.clip.ClipTextPresets;
import kiln.model.network.t5.T5Encoder;
import kiln.model.network.t5.T5ForConditionalGeneration;
import kiln.model.network.t5.T5ForConditionalGenerationConfig;
import kiln.model.network.t5.T5Presets;
import kiln.model.network.unet.UNet2dConditionConfig;
import kiln.model.network.unet.UNet2dConditionModel;
import kiln.model.network.unet.UNet2dConditionPresets;
import kiln.model.network.unet.UNet2dConfig;
import kiln.model.network.unet.UNet2dModel;
import kiln.model.network.unet.UNet2dPresets;
import kiln.model.network.vae.AutoencoderKl;
import kiln.model.network.vae.AutoencoderKlConfig;
import kiln.model.plan.ParameterTable;
import tools.jackson.databind.node.ObjectNode;

/** The published networks that Kiln can build, by name. */
public final class NetworkCatalog {
  /**
   * A network, which is only declared: nothing is allocated.
   *
   * @param name as {@code kiln presets} takes it
   * @param origin what was published, or what the network is
   * @param config what its config.json holds
   */
  public record Network(String name, String origin, ObjectNode config, List<Parameter> parameters) {
    /** The class in diffusers or transformers. */
    public String className() {
      return config.has("_class_name")
          ? config.get("_class_name").stringValue()
          : config.get("architectures").get(0).stringValue();
    }

    public long numParameters() {
      return new ParameterTable(parameters).numParameters();
    }
  }

  /** A name and what makes its network, so that listing names declares none. */
  private record Entry(String name, Supplier<Network> network) {}

  private static final List<Entry> ENTRIES = entries();

  private NetworkCatalog() {}

  /** In the order in which they are listed. */
  public static List<String> names() {
    return ENTRIES.stream().map(Entry::name).toList();
  }

  /** The network of that name; empty if there is none. */
  public static Optional<Network> find(String name) {
    return ENTRIES.stream().filter(entry -> entry.name.equals(name)).findFirst().map(entry -> entry.network.get());
  }

  private static List<Entry> entries() {
    List<Entry> list = new ArrayList<>();
    unet(list, "sd15-unet", "stable-diffusion-v1-5", UNet2dConditionPresets.stableDiffusion15());
    unet(list, "sd21-unet", "stabilityai/stable-diffusion-2-1", UNet2dConditionPresets.stableDiffusion21());
    unet(list, "sd21-byt5-base-unet", "the same, steered by ByT5-base", UNet2dConditionPresets.stableDiffusion21ByT5Base());
    unet(list, "sdxl-unet", "stabilityai/stable-diffusion-xl-base-1.0", UNet2dConditionPresets.stableDiffusionXl());
    unet(list, "ddpm-cifar10-unet", "google/ddpm-cifar10-32", UNet2dPresets.ddpmCifar10());
    unet(list, "ddpm-256-unet", "google/ddpm-celebahq-256, -church-256, …", UNet2dPresets.ddpm256());
    autoencoder(list, "sd21-autoencoder", "of stable-diffusion-2-1", AutoencoderKlConfig.stableDiffusion21());
    clip(list, "sd15-text-encoder", "of stable-diffusion-v1-5", ClipTextPresets.stableDiffusion15());
    clip(list, "sd21-text-encoder", "of stable-diffusion-2-1", ClipTextPresets.stableDiffusion21());
    t5(list, "byt5-small", "google/byt5-small", T5Presets.byT5Small());
    t5(list, "byt5-base", "google/byt5-base", T5Presets.byT5Base());
    t5(list, "byt5-large", "google/byt5-large", T5Presets.byT5Large());
    t5(list, "byt5-xl", "google/byt5-xl", T5Presets.byT5Xl());
    t5(list, "byt5-xxl", "google/byt5-xxl", T5Presets.byT5Xxl());
    t5(list, "t5-v1.1-small", "google/t5-v1_1-small", T5Presets.t5V11Small());
    t5(list, "t5-v1.1-base", "google/t5-v1_1-base", T5Presets.t5V11Base());
    t5(list, "t5-v1.1-large", "google/t5-v1_1-large", T5Presets.t5V11Large());
    t5(list, "t5-v1.1-xl", "google/t5-v1_1-xl", T5Presets.t5V11Xl());
    t5(list, "t5-v1.1-xxl", "google/t5-v1_1-xxl", T5Presets.t5V11Xxl());
    t5(list, "t5-small", "google-t5/t5-small", T5Presets.t5Small());
    t5(list, "t5-base", "google-t5/t5-base", T5Presets.t5Base());
    t5(list, "t5-large", "google-t5/t5-large", T5Presets.t5Large());
    unet(list, "tiny-xl-unet", "shaped as sdxl-unet, for tests", UNet2dConditionPresets.tinyXl());
    unet(list, "tiny-ddpm-unet", "shaped as ddpm-cifar10-unet, for tests", UNet2dPresets.tiny());
    unet(list, "tiny-ddpm-class-unet", "the same with 10 classes", UNet2dPresets.tinyWithClasses(10));
    clip(list, "tiny-text-encoder", "shaped as sd21-text-encoder, for tests", ClipTextPresets.tiny());
    t5(list, "tiny-byt5", "shaped as byt5, for tests", T5Presets.byT5Tiny());
    return List.copyOf(list);
  }

  private static void unet(List<Entry> list, String name, String origin, UNet2dConditionConfig config) {
    add(list, name, origin, config::toJson, () -> new UNet2dConditionModel(config, new ParameterScope()).parameters());
  }

  private static void unet(List<Entry> list, String name, String origin, UNet2dConfig config) {
    add(list, name, origin, config::toJson, () -> new UNet2dModel(config, new ParameterScope()).parameters());
  }

  private static void autoencoder(List<Entry> list, String name, String origin, AutoencoderKlConfig config) {
    add(list, name, origin, config::toJson, () -> new AutoencoderKl(config, new ParameterScope()).parameters());
  }

  private static void clip(List<Entry> list, String name, String origin, ClipTextConfig config) {
    add(list, name, origin, config::toJson, () -> new ClipTextModel(config, new ParameterScope()).parameters());
  }

  /** The encoder alone, then all of it. */
  private static void t5(List<Entry> list, String name, String origin, T5ForConditionalGenerationConfig config) {
    add(
        list,
        name + "-encoder",
        origin,
        config.encoder()::toJson,
        () -> new T5Encoder(config.encoder(), new ParameterScope()).parameters());
    add(
        list, name, origin, config::toJson, () -> new T5ForConditionalGeneration(config, new ParameterScope()).parameters());
  }

  private static void add(
      List<Entry> list, String name, String origin, Supplier<ObjectNode> config, Supplier<List<Parameter>> parameters) {
    list.add(new Entry(name, () -> new Network(name, origin, config.get(), parameters.get())));
  }
}
