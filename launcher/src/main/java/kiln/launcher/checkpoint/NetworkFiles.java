package kiln.launcher.checkpoint;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kiln.bindings.UserException;
import kiln.model.graph.Parameter;
import kiln.model.graph.Shape;
import kiln.model.plan.ParameterTable;
import kiln.model.weights.SafetensorsFile;
import kiln.model.weights.SafetensorsType;
import kiln.model.weights.SafetensorsWriter;
import kiln.model.weights.TensorEntry;
import tools.jackson.databind.node.ObjectNode;

/**
 * One network as Hugging Face's libraries lay it on disk: a folder with {@code config.json} and one safetensors file.
 *
 * @param folder name of the folder in a checkpoint: {@code unet}, {@code text_encoder}, {@code vae}
 * @param weights name of the file: {@code diffusion_pytorch_model.safetensors} by diffusers, {@code model.safetensors} by
 *     transformers
 * @param config what config.json holds
 * @param parameters all tensors of the file, by their names in it
 */
public record NetworkFiles(String folder, String weights, ObjectNode config, Map<String, Parameter> parameters) {
  /** The file that says how a network is built. */
  public static final String CONFIG = "config.json";

  private static final String DIFFUSERS = "diffusion_pytorch_model.safetensors";
  private static final String TRANSFORMERS = "model.safetensors";
  private static final Map<String, String> METADATA = Map.of("format", "pt");

  /** A network of the diffusers library, whose parameters are named {@code folder.…} in this process. */
  public static NetworkFiles diffusers(String folder, ObjectNode config, List<Parameter> parameters) {
    return new NetworkFiles(folder, DIFFUSERS, config, byName(folder, parameters));
  }

  /** A network of the transformers library, whose parameters are named {@code folder.…} in this process. */
  public static NetworkFiles transformers(String folder, ObjectNode config, List<Parameter> parameters) {
    return new NetworkFiles(folder, TRANSFORMERS, config, byName(folder, parameters));
  }

  private static Map<String, Parameter> byName(String folder, List<Parameter> parameters) {
    Map<String, Parameter> map = new LinkedHashMap<>();
    for (Parameter p : parameters) {
      if (!p.name().startsWith(folder + ".")) {
        throw new IllegalArgumentException("parameter " + p + " does not belong to " + folder);
      }
      map.put(p.name().substring(folder.length() + 1), p);
    }
    return map;
  }

  /** Writes the weights, which {@code table} finds in {@code region}, into {@code folder}. */
  void writeWeights(Path folder, ParameterTable table, MemorySegment region) {
    List<SafetensorsWriter.Tensor> tensors = new ArrayList<>();
    parameters.forEach(
        (name, p) -> tensors.add(SafetensorsWriter.Tensor.f32(name, p.shape(), table.entry(p.name()).slice(region))));
    SafetensorsWriter.write(folder.resolve(weights), METADATA, tensors);
  }

  /**
   * Copies the weights of {@code folder} to where {@code table} has them in {@code region}.
   *
   * @throws UserException if the file is absent or malformed, or a tensor is missing, of another shape or type, or unknown
   */
  public void readWeights(Path folder, ParameterTable table, MemorySegment region) {
    Map<String, Place> places = new LinkedHashMap<>();
    parameters.forEach((name, p) -> places.put(name, new Place(p.shape(), table.entry(p.name()).slice(region))));
    readTensors(folder.resolve(weights), places);
  }

  /** Where the bytes of a float32 tensor of a file belong. */
  record Place(Shape shape, MemorySegment segment) {}

  /** As {@link #readWeights}, for any file: it has exactly the tensors of {@code places}, by name. */
  static void readTensors(Path path, Map<String, Place> places) {
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      for (String name : file.tensors().keySet()) {
        if (!places.containsKey(name)) {
          throw new UserException(path + ": unexpected tensor " + name + ", which this network does not have");
        }
      }
      places.forEach((name, place) -> check(path, name, file.tensors().get(name), place.shape()));
      places.forEach((name, place) -> place.segment().copyFrom(file.segment(name)));
    }
  }

  private static void check(Path path, String name, TensorEntry found, Shape expected) {
    if (found == null) {
      throw new UserException(path + ": missing tensor " + name + ", expected " + SafetensorsType.F32 + expected);
    }
    List<Long> dims = Arrays.stream(expected.dims()).asLongStream().boxed().toList();
    if (found.type() != SafetensorsType.F32 || !found.dims().equals(dims)) {
      String wanted = SafetensorsType.F32 + expected.toString();
      throw new UserException(path + ": tensor " + name + ": expected " + wanted + ", found " + found.describe());
    }
  }
}
