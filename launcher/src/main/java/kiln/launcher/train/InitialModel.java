package kiln.launcher.train;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import kiln.bindings.UserException;
import kiln.launcher.checkpoint.ModelSource;
import kiln.launcher.checkpoint.NetworkConfigs;
import kiln.launcher.checkpoint.NetworkFiles;
import kiln.launcher.preset.Preset;
import kiln.launcher.preset.PresetJson;
import kiln.model.diffusion.SchedulerConfig;
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

  private final ModelSource source;
  private final Preset preset;

  /**
   * @throws UserException if {@code given} is no model's folder
   */
  InitialModel(Path given, Preset preset) {
    this.source = ModelSource.resolve(OPTION, given);
    this.preset = preset;
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
    return source.network(NetworkFiles.VAE);
  }

  private Path network(String name, ObjectNode wanted) {
    Path folder =
        source
            .network(name)
            .orElseThrow(() -> new UserException("option " + OPTION + ": " + source.path() + ": found no " + name + " there"));
    String file = folder.resolve(NetworkFiles.CONFIG).toString();
    ObjectNode found = NetworkConfigs.normalized(name, file, ModelSource.config(folder));
    ObjectNode expected = NetworkConfigs.normalized(name, "preset " + preset.name() + ": " + name, wanted);
    NetworkConfigs.difference(found, expected, Set.of())
        .ifPresent(
            difference -> {
              throw new UserException(file + ": " + difference + ", as preset " + preset.name() + " has it");
            });
    return folder;
  }

  /** What the model was trained to predict, and from which noise, if this run will train it otherwise; a line each. */
  List<String> schedulerDifferences() {
    if (preset.scheduler() == null || source.scheduler().isEmpty()) {
      return List.of();
    }
    Path file = source.scheduler().get();
    String name = "preset " + preset.name() + ": scheduler";
    ObjectNode found = PresetJson.MAPPER.valueToTree(SchedulerConfig.read(file));
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
