package kiln.launcher.train;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import kiln.bindings.UserException;
import kiln.launcher.checkpoint.NetworkConfigs;
import kiln.launcher.checkpoint.NetworkFiles;
import kiln.launcher.folder.Component;
import kiln.launcher.folder.ModelFolder;
import kiln.launcher.pipeline.PipelineDocuments;
import kiln.launcher.preset.Preset;
import kiln.launcher.preset.PresetJson;
import kiln.model.diffusion.SchedulerConfig;
import kiln.model.network.ConfigReader;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The networks with which a run begins, found in the folder that the user names. */
final class InitialModel {
  private static final String OPTION = "--init";

  /** What a model's predictions depend on. */
  private static final List<String> NOISE =
      List.of(
          "prediction_type", "num_train_timesteps", "beta_schedule", "beta_start", "beta_end", "rescale_betas_zero_snr",
          "trained_betas");

  private final ModelFolder source;
  private final Preset preset;

  /**
   * @throws UserException if {@code given} is no model's folder
   */
  InitialModel(Path given, Preset preset) {
    this.source = open(OPTION, given);
    this.preset = preset;
  }

  /**
   * What an option names; of a run or checkpoint, the averaged weights.
   *
   * @throws UserException if it is no model's folder
   */
  static ModelFolder open(String option, Path given) {
    try {
      return ModelFolder.open(given).averaged();
    } catch (UserException e) {
      throw new UserException("option " + option + ": " + e.getMessage(), e);
    }
  }

  /**
   * The folders of the preset's own networks, by name.
   *
   * @throws UserException if one is not there, or is another network than the preset's
   */
  Map<String, Path> networks() {
    Map<String, Path> folders = new LinkedHashMap<>();
    if (preset.objective() == Preset.ObjectiveKind.VAE) {
      folders.put(NetworkFiles.VAE, network(NetworkFiles.VAE, preset.vae()));
    } else {
      folders.put(NetworkFiles.UNET, network(NetworkFiles.UNET, preset.unet()));
      folders.put(NetworkFiles.TEXT_ENCODER, network(NetworkFiles.TEXT_ENCODER, preset.textEncoder()));
    }
    return folders;
  }

  /** The folder of the autoencoder, of whatever size; empty if there is none. */
  Optional<Path> vae() {
    return source.find(NetworkFiles.VAE).map(Component::path);
  }

  private Path network(String name, ObjectNode wanted) {
    Component component = source.require(name);
    Path file = component.requireConfig();
    ObjectNode found = NetworkConfigs.normalized(name, ConfigReader.open(file));
    String recipe = "preset " + preset.name();
    ObjectNode expected = NetworkConfigs.normalized(name, new ConfigReader(recipe + ": " + name, wanted));
    NetworkConfigs.difference(found, expected, Set.of())
        .ifPresent(
            difference -> {
              throw new UserException(file + ": " + difference + ", as " + recipe + " has it");
            });
    return component.path();
  }

  /** What the model was trained to predict, and from which noise, if this run will train it otherwise; a line each. */
  List<String> schedulerDifferences() {
    Optional<Component> scheduler = source.find(PipelineDocuments.SCHEDULER);
    if (preset.scheduler() == null || scheduler.isEmpty()) {
      return List.of();
    }
    Path file = scheduler.get().requireConfig();
    String name = "preset " + preset.name() + ": scheduler";
    ObjectNode found = PresetJson.MAPPER.valueToTree(SchedulerConfig.read(file).schedule());
    ObjectNode wanted = PresetJson.MAPPER.valueToTree(SchedulerConfig.schedule(preset.scheduler(), name));
    return NOISE.stream()
        .filter(setting -> !found.get(setting).equals(wanted.get(setting)))
        .map(setting -> line(file, setting, found.get(setting), wanted.get(setting)))
        .toList();
  }

  private String line(Path file, String setting, JsonNode before, JsonNode now) {
    String then = "preset " + preset.name() + " goes on with " + brief(now);
    return "note: " + file + ": " + setting + " was " + brief(before) + ", " + then;
  }

  private static String brief(JsonNode value) {
    return value.isArray() ? "a list of " + value.size() : value.toString();
  }
}
