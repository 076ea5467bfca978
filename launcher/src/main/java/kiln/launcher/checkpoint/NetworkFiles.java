package kiln.launcher.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import kiln.bindings.UserException;
import kiln.launcher.preset.PresetJson;
import kiln.model.network.t5.T5WeightNames;
import kiln.model.network.vae.AutoencoderKlWeightNames;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.Slices;
import kiln.model.weights.WeightNames;
import kiln.model.weights.Weights;
import tools.jackson.databind.node.ObjectNode;

/**
 * One network as Hugging Face's libraries lay it on disk: a folder with {@code config.json} and one safetensors file. In this
 * process its parameters are named {@code folder.…}, because several networks share a table; in the file they are not.
 *
 * @param folder name of the folder in a checkpoint: {@code unet}, {@code text_encoder}, {@code vae}
 * @param weights name of the file: {@code diffusion_pytorch_model.safetensors} by diffusers, {@code model.safetensors} by
 *     transformers
 * @param config what config.json holds
 */
public record NetworkFiles(String folder, String weights, ObjectNode config) {
  public static final String UNET = "unet";
  public static final String TEXT_ENCODER = "text_encoder";
  public static final String VAE = "vae";

  /** The file that says how a network is built. */
  public static final String CONFIG = "config.json";

  /** A network of the diffusers library. */
  public static NetworkFiles diffusers(String folder, ObjectNode config) {
    return new NetworkFiles(folder, "diffusion_pytorch_model.safetensors", config);
  }

  /** A network of the transformers library. */
  public static NetworkFiles transformers(String folder, ObjectNode config) {
    return new NetworkFiles(folder, "model.safetensors", config);
  }

  /** Writes the configuration into the network's folder; returns the file. */
  Path writeConfig(Path into) throws IOException {
    Path file = into.resolve(CONFIG);
    DurableFiles.write(file, PresetJson.MAPPER.writeValueAsBytes(config));
    return file;
  }

  /**
   * Copies the weights that lie in {@code from} to where {@code table} has them in {@code region}.
   *
   * @throws UserException if the file is absent or malformed, or a tensor is missing, misshapen or superfluous
   */
  public void read(Path from, ParameterTable table, MemorySegment region) {
    read(from, table, region, Slices.all(table));
  }

  /** The same, reading only {@code wanted}. */
  public void read(Path from, ParameterTable table, MemorySegment region, Slices wanted) {
    Weights.load(from, names(), table, prefix(), region, wanted);
  }

  /** How files of other writers name what this network calls its parameters. */
  WeightNames names() {
    return switch (folder) {
      case VAE -> new AutoencoderKlWeightNames();
      case TEXT_ENCODER -> new T5WeightNames();
      default -> WeightNames.SAME;
    };
  }

  /** The same for a network of which only the folder's name is known. */
  public static void read(Path from, String folder, ParameterTable table, MemorySegment region) {
    Weights.load(from, WeightNames.SAME, table, prefix(folder), region);
  }

  /** The file's name before {@code .safetensors}. */
  String stem() {
    return weights.substring(0, weights.lastIndexOf('.'));
  }

  String prefix() {
    return prefix(folder);
  }

  /** What the names of a network's parameters start with in a table of several. */
  private static String prefix(String folder) {
    return folder + ".";
  }
}
