package kiln.launcher.folder;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import kiln.bindings.UserException;

/**
 * One part of a model: a network with its weights, a scheduler, a tokenizer.
 *
 * @param name of its folder below the model's, as in {@code unet} or {@code ema/unet}; of the folder or file itself if it is
 *     all there is
 * @param className of diffusers or transformers; empty if nothing says it
 * @param path its folder; the file for a single weight file
 * @param config the JSON file that describes it; empty if there is none
 * @param weights safetensors files, or the index of several; at most one for a network
 */
public record Component(
    String name, ComponentKind kind, String className, Path path, Optional<Path> config, List<Path> weights) {
  public Component {
    weights = List.copyOf(weights);
  }

  /**
   * The file that describes it.
   *
   * @throws UserException if there is none
   */
  public Path requireConfig() {
    return config.orElseThrow(() -> new UserException(path + ": found no configuration, expected config.json"));
  }

  Component withName(String other) {
    return new Component(other, kind, className, path, config, weights);
  }
}
