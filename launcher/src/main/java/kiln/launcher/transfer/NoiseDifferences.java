package kiln.launcher.transfer;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import kiln.bindings.UserException;
import kiln.launcher.folder.Component;
import kiln.launcher.folder.ModelFolder;
import kiln.launcher.pipeline.PipelineDocuments;
import kiln.launcher.preset.Preset;
import kiln.launcher.preset.PresetJson;
import kiln.model.diffusion.SchedulerConfig;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a model was trained to predict, and from which noise, where a preset goes on otherwise: allowed, but not unsaid. */
public final class NoiseDifferences {
  private static final List<String> SETTINGS =
      List.of(
          "prediction_type", "num_train_timesteps", "beta_schedule", "beta_start", "beta_end", "rescale_betas_zero_snr",
          "trained_betas");

  private NoiseDifferences() {}

  /**
   * A line for each.
   *
   * @throws UserException if the model's scheduler cannot be read
   */
  public static List<String> lines(ModelFolder model, Preset preset) {
    Optional<Component> scheduler = model.find(PipelineDocuments.SCHEDULER);
    if (preset.scheduler() == null || scheduler.isEmpty()) {
      return List.of();
    }
    Path file = scheduler.get().requireConfig();
    String recipe = "preset " + preset.name();
    ObjectNode before = PresetJson.MAPPER.valueToTree(SchedulerConfig.read(file).schedule());
    ObjectNode now = PresetJson.MAPPER.valueToTree(SchedulerConfig.schedule(preset.scheduler(), recipe + ": scheduler"));
    return SETTINGS.stream()
        .filter(setting -> !before.get(setting).equals(now.get(setting)))
        .map(
            setting ->
                "note: " + file + ": " + setting + " was " + brief(before.get(setting)) + ", " + recipe + " goes on with "
                    + brief(now.get(setting)))
        .toList();
  }

  private static String brief(JsonNode value) {
    return value.isArray() ? "a list of " + value.size() : value.toString();
  }
}
