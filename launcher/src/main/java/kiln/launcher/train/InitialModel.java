package kiln.launcher.train;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import kiln.bindings.UserException;
import kiln.launcher.checkpoint.NetworkFiles;
import kiln.launcher.folder.Component;
import kiln.launcher.folder.ModelFolder;
import kiln.launcher.preset.Preset;
import kiln.launcher.transfer.GivenModel;
import kiln.launcher.transfer.NetworkConfigs;
import kiln.launcher.transfer.NoiseDifferences;
import kiln.model.network.ConfigReader;
import tools.jackson.databind.node.ObjectNode;

/** The networks with which a run begins, found in the folder that the user names. */
final class InitialModel {
  private static final String OPTION = "--init";

  private final ModelFolder source;
  private final Preset preset;

  /**
   * @throws UserException if {@code given} is no model's folder
   */
  InitialModel(Path given, Preset preset) {
    this.source = GivenModel.open(OPTION, given);
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
      folders.put(NetworkFiles.VAE, network(NetworkFiles.VAE));
    } else {
      folders.put(NetworkFiles.UNET, network(NetworkFiles.UNET));
      folders.put(NetworkFiles.TEXT_ENCODER, network(NetworkFiles.TEXT_ENCODER));
    }
    return folders;
  }

  /** The folder of the autoencoder, of whatever size; empty if there is none. */
  Optional<Path> vae() {
    return source.find(NetworkFiles.VAE).map(Component::path);
  }

  private Path network(String name) {
    Component component = source.require(name);
    Path file = component.requireConfig();
    ObjectNode found = NetworkConfigs.normalized(name, ConfigReader.open(file));
    String recipe = "preset " + preset.name();
    ObjectNode expected = NetworkConfigs.normalized(name, new ConfigReader(recipe + ": " + name, preset.network(name)));
    NetworkConfigs.difference(found, expected, Set.of())
        .ifPresent(
            difference -> {
              throw new UserException(file + ": " + difference + ", as " + recipe + " has it");
            });
    return component.path();
  }

  /** What the model was trained to predict, and from which noise, if this run will train it otherwise; a line each. */
  List<String> noiseDifferences() {
    return NoiseDifferences.lines(source, preset);
  }
}
