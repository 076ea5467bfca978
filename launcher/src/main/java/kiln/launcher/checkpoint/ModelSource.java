package kiln.launcher.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import kiln.bindings.UserException;
import kiln.launcher.pipeline.ModelIndex;
import kiln.launcher.preset.PresetJson;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where trained networks are taken from: a run's newest checkpoint, a checkpoint, a pipeline folder, or the folder of one
 * network. Of a checkpoint, the moving averages of the weights are taken.
 *
 * @param path the checkpoint or folder
 */
public record ModelSource(Path path) {
  /**
   * What a user means by naming a folder.
   *
   * @throws UserException if it is none of those
   */
  public static ModelSource resolve(String option, Path given) {
    if (!Files.isDirectory(given)) {
      throw new UserException("option " + option + ": " + given + ": no such folder, expected a model's folder");
    }
    ModelSource source = new ModelSource(given);
    boolean folder = Files.exists(given.resolve(NetworkFiles.CONFIG)) || Files.exists(given.resolve(ModelIndex.FILE));
    boolean checkpoint = Files.exists(given.resolve(TrainingRecord.FILE));
    if (folder || checkpoint || source.network(NetworkFiles.UNET).or(() -> source.network(NetworkFiles.VAE)).isPresent()) {
      return source;
    }
    Optional<Path> latest = new RunFolder(given).latest();
    return new ModelSource(
        latest.orElseThrow(
            () -> new UserException("option " + option + ": " + given + ": no checkpoint there, nor any network's folder")));
  }

  /** The folder with config.json and weights of the network that a pipeline calls {@code folder}; empty if there is none. */
  public Optional<Path> network(String folder) {
    if (Files.exists(path.resolve(NetworkFiles.CONFIG))) {
      return classes(folder).contains(ModelIndex.className(config(path))) ? Optional.of(path) : Optional.empty();
    }
    return Stream.of(true, false)
        .map(averaged -> CheckpointReader.network(path, folder, averaged))
        .filter(candidate -> Files.exists(candidate.resolve(NetworkFiles.CONFIG)))
        .findFirst();
  }

  /** config.json of a network's folder. */
  public static ObjectNode config(Path folder) {
    Path file = folder.resolve(NetworkFiles.CONFIG);
    try {
      JsonNode json = PresetJson.MAPPER.readTree(file);
      if (json instanceof ObjectNode object) {
        return object;
      }
      throw new UserException(file + ": expected a JSON object, found " + json.getNodeType());
    } catch (JacksonException e) {
      throw new UserException(file + ": not JSON: " + e.getOriginalMessage().lines().findFirst().orElse(""), e);
    }
  }

  /** scheduler_config.json; empty if there is none. */
  public Optional<Path> scheduler() {
    return Optional.of(CheckpointReader.scheduler(path)).filter(Files::exists);
  }

  /** What the class of such a network may be called. */
  private static Set<String> classes(String folder) {
    return switch (folder) {
      case NetworkFiles.UNET -> Set.of("UNet2DConditionModel");
      case NetworkFiles.VAE -> Set.of("AutoencoderKL");
      default -> Set.of("T5EncoderModel", "T5ForConditionalGeneration");
    };
  }
}
