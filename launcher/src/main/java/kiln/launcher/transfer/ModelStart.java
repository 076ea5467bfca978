package kiln.launcher.transfer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import kiln.bindings.UserException;
import kiln.launcher.checkpoint.NetworkFiles;
import kiln.launcher.folder.Component;
import kiln.launcher.folder.ComponentKind;
import kiln.launcher.folder.ModelFolder;
import kiln.launcher.pipeline.ByT5TokenizerFiles;
import kiln.launcher.pipeline.PipelineDocuments;
import kiln.launcher.preset.Preset;
import kiln.launcher.preset.PresetCatalog;
import kiln.model.graph.Parameter;
import kiln.model.network.ConfigReader;
import kiln.model.weights.WeightSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * What {@code kiln init} does: a model folder from which {@code train --init} begins. Each network of a preset is taken from
 * the folders that are given, and begins anew where none of them has it.
 *
 * @param seed of what begins anew
 * @param report takes lines that say what was taken from where, and what began anew
 */
public record ModelStart(Preset preset, long seed, NetworkOutput output, Consumer<String> report) {
  private static final String FROM = "--from";

  /**
   * Folders to take networks from; null where none is given.
   *
   * @param from a pipeline, run or checkpoint, for all networks
   * @param textEncoder for the text encoder instead
   * @param vae for the autoencoder instead
   */
  public record Given(Path from, Path textEncoder, Path vae) {}

  /**
   * Makes the folder {@code to}: a pipeline, or one network if the preset is of one.
   *
   * @throws UserException if a folder that is given has another network than the preset, {@code to} is there, or the file
   *     system refuses; nothing is left then
   */
  public void write(Given given, Path to) {
    boolean alone = preset.objective() == Preset.ObjectiveKind.VAE;
    if (alone && given.textEncoder() != null) {
      throw new UserException("option --text-encoder: preset " + preset.name() + " has no text encoder");
    }
    NetworkConfigs.checkWidths(preset);
    ModelFolder from = open(FROM, given.from());
    Map<String, Optional<Component>> sources = new LinkedHashMap<>();
    if (!alone) {
      sources.put(NetworkFiles.UNET, find(from, NetworkFiles.UNET));
      sources.put(
          NetworkFiles.TEXT_ENCODER,
          own("--text-encoder", given.textEncoder(), NetworkFiles.TEXT_ENCODER)
              .or(() -> find(from, NetworkFiles.TEXT_ENCODER).filter(this::isOfPreset)));
    }
    sources.put(NetworkFiles.VAE, own("--vae", given.vae(), NetworkFiles.VAE).or(() -> find(from, NetworkFiles.VAE)));
    if (from != null && sources.values().stream().allMatch(Optional::isEmpty)) {
      throw new UserException("option --from: " + given.from() + ": found no network of preset " + preset.name());
    }
    NewFolder.write(to, folder -> write(folder, sources, alone));
    if (from != null && !alone) {
      NoiseDifferences.lines(from, preset).forEach(report);
    }
  }

  private static ModelFolder open(String option, Path path) {
    return path == null ? null : GivenModel.open(option, path);
  }

  private static Optional<Component> find(ModelFolder from, String name) {
    return Optional.ofNullable(from).flatMap(model -> model.find(name));
  }

  private static Optional<Component> own(String option, Path path, String name) {
    return path == null ? Optional.empty() : Optional.of(open(option, path).require(name));
  }

  /** Another kind of text encoder is no mistake: models are taken over to other ones. */
  private boolean isOfPreset(Component textEncoder) {
    boolean same = textEncoder.kind() == ComponentKind.T5_ENCODER || textEncoder.kind() == ComponentKind.T5;
    if (!same) {
      String wanted = "; preset " + preset.name() + " has a T5EncoderModel";
      report.accept("text_encoder: not taken, a " + textEncoder.className() + " in " + textEncoder.path() + wanted);
    }
    return same;
  }

  private void write(Path folder, Map<String, Optional<Component>> sources, boolean alone) throws IOException {
    Map<String, ObjectNode> configs = new TreeMap<>();
    for (Map.Entry<String, Optional<Component>> source : sources.entrySet()) {
      String name = source.getKey();
      ObjectNode config = config(name, source.getValue());
      write(name, source.getValue(), config, alone ? folder : folder.resolve(name));
      configs.put(name, config);
    }
    if (!alone) {
      NewFolder.writeDocuments(
          folder, PipelineDocuments.of(configs, preset.scheduler(), ByT5TokenizerFiles.PUBLISHED_LENGTH));
    }
  }

  /** The preset's, but an autoencoder that is given keeps its own, above all its scale. */
  private ObjectNode config(String name, Optional<Component> source) {
    if (name.equals(NetworkFiles.VAE) && source.isPresent()) {
      return NetworkConfigs.normalized(name, ConfigReader.open(source.get().requireConfig()));
    }
    Preset of = name.equals(NetworkFiles.VAE) && preset.vae() == null ? PresetCatalog.get(preset.autoencoder()) : preset;
    return NetworkConfigs.normalized(name, new ConfigReader("preset " + of.name() + ": " + name, of.network(name)));
  }

  private void write(String name, Optional<Component> component, ObjectNode config, Path into) throws IOException {
    List<Parameter> parameters = NetworkConfigs.parameters(name, config);
    if (component.isEmpty()) {
      InitialNetwork network = InitialNetwork.fresh(name, parameters, seed);
      report.accept(name + ": " + output.write(into, config, network.tensors()) + ", all of them new, of seed " + seed);
      return;
    }
    try (WeightSource source = WeightSource.open(component.get().path())) {
      InitialNetwork network = InitialNetwork.from(component.get(), source, name, config, parameters, seed);
      String written = output.write(into, config, network.tensors());
      int kept = parameters.size() - network.fresh().size();
      String begun = network.fresh().isEmpty() ? "" : "; " + network.fresh().size() + " new, of seed " + seed + ":";
      report.accept(name + ": " + written + ", " + kept + " kept from " + source.path() + begun);
      layers(name, network.fresh()).forEach((layer, tensors) -> report.accept("  " + layer + ": " + tensors));
    }
  }

  /** As in {@code down_blocks.0.attentions.0.transformer_blocks.0.attn2: to_k.weight, to_v.weight}. */
  private static Map<String, String> layers(String name, List<Parameter> fresh) {
    return fresh.stream()
        .map(parameter -> parameter.name().substring(name.length() + 1))
        .collect(
            Collectors.groupingBy(
                tensor -> tensor.substring(0, tensor.indexOf(".attn2.") + ".attn2".length()),
                LinkedHashMap::new,
                Collectors.mapping(
                    tensor -> tensor.substring(tensor.indexOf(".attn2.") + ".attn2.".length()), Collectors.joining(", "))));
  }
}
