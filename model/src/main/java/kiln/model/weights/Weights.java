package kiln.model.weights;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import kiln.bindings.UserException;
import kiln.model.graph.Shape;
import kiln.model.plan.ParameterTable;

/**
 * Moves the parameters of a network between a flat region and a folder as Hugging Face writes it, whose file is {@code
 * model.safetensors}, {@code diffusion_pytorch_model.safetensors}, or several with an {@code .index.json}.
 *
 * <p>Several networks may share a table; then each one's names start with a prefix that its files do not have.
 */
public final class Weights {
  private static final List<String> FILES = List.of("diffusion_pytorch_model.safetensors", "model.safetensors");
  private static final ValueLayout.OfFloat FILE_FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Weights() {}

  /** As {@link #load(Path, WeightNames, ParameterTable, String, MemorySegment)}, for a table of one network. */
  public static void load(Path from, ParameterTable table, MemorySegment region) {
    load(from, WeightNames.SAME, table, "", region);
  }

  /**
   * Reads every parameter whose name starts with {@code prefix} into its slice of {@code region}. Nothing is written before all
   * of the file has been found to fit.
   *
   * @param from a safetensors file, an index of several, or a folder with one of these
   * @throws UserException if a tensor is missing, superfluous, of another shape or not float32; the message names the file, the
   *     tensor, what was found and what was expected
   */
  public static void load(Path from, WeightNames names, ParameterTable table, String prefix, MemorySegment region) {
    Path file = weightFile(from);
    if (file.getFileName().toString().endsWith(".json")) {
      try (SafetensorsIndex index = SafetensorsIndex.open(file)) {
        load(file, index.tensors(), names, table, prefix, region);
      }
    } else {
      try (SafetensorsFile single = SafetensorsFile.open(file)) {
        Map<String, SafetensorsFile> tensors = new HashMap<>();
        single.tensors().keySet().forEach(name -> tensors.put(name, single));
        load(file, tensors, names, table, prefix, region);
      }
    }
  }

  private static void load(
      Path file,
      Map<String, SafetensorsFile> tensors,
      WeightNames names,
      ParameterTable table,
      String prefix,
      MemorySegment region) {
    Map<String, TensorEntry> found = byParameter(file, tensors, names);
    List<ParameterTable.Entry> entries = entries(table, prefix);
    Set<String> superfluous = new TreeSet<>(found.keySet());
    for (ParameterTable.Entry entry : entries) {
      check(file, entry, found.get(unprefixed(entry, prefix)), prefix);
      superfluous.remove(unprefixed(entry, prefix));
    }
    if (!superfluous.isEmpty()) {
      TensorEntry first = found.get(superfluous.iterator().next());
      throw new UserException(
          file + ": found tensor " + first.name() + " (" + first.describe() + "), expected only the " + entries.size()
              + " tensors of the network; " + superfluous.size() + " are superfluous");
    }
    for (ParameterTable.Entry entry : entries) {
      String tensor = found.get(unprefixed(entry, prefix)).name();
      MemorySegment source = tensors.get(tensor).segment(tensor);
      long elements = entry.bytes() / Float.BYTES;
      MemorySegment.copy(source, FILE_FLOAT, 0, entry.slice(region), ValueLayout.JAVA_FLOAT, 0, elements);
    }
  }

  private static Map<String, TensorEntry> byParameter(Path file, Map<String, SafetensorsFile> tensors, WeightNames names) {
    Map<String, TensorEntry> result = new HashMap<>();
    tensors.forEach((tensor, source) -> {
      String parameter = names.parameter(tensor);
      TensorEntry other = parameter == null ? null : result.put(parameter, source.tensors().get(tensor));
      if (other != null) {
        throw new UserException(
            file + ": found tensors " + other.name() + " and " + tensor + ", expected one of them, for " + parameter);
      }
    });
    return result;
  }

  private static void check(Path file, ParameterTable.Entry entry, TensorEntry found, String prefix) {
    Shape shape = entry.parameter().shape();
    String expected = SafetensorsType.F32.name() + shape;
    if (found == null) {
      throw new UserException(file + ": found no tensor " + unprefixed(entry, prefix) + ", expected " + expected);
    }
    List<Long> dims = Arrays.stream(shape.dims()).asLongStream().boxed().toList();
    if (found.type() != SafetensorsType.F32 || !found.dims().equals(dims)) {
      throw new UserException(
          file + ": tensor " + found.name() + ": found " + found.describe() + ", expected " + expected);
    }
  }

  /**
   * Writes every parameter whose name starts with {@code prefix}, without it, as {@code file}.
   *
   * @throws UserException if the file system refuses
   */
  public static void save(Path file, ParameterTable table, String prefix, MemorySegment region) {
    List<SafetensorsWriter.Tensor> tensors = new ArrayList<>();
    for (ParameterTable.Entry entry : entries(table, prefix)) {
      tensors.add(
          SafetensorsWriter.Tensor.f32(unprefixed(entry, prefix), entry.parameter().shape(), entry.slice(region)));
    }
    SafetensorsWriter.write(file, Map.of("format", "pt"), tensors); // transformers refuses files without this note
  }

  private static List<ParameterTable.Entry> entries(ParameterTable table, String prefix) {
    return table.entries().stream().filter(e -> e.parameter().name().startsWith(prefix)).toList();
  }

  private static String unprefixed(ParameterTable.Entry entry, String prefix) {
    return entry.parameter().name().substring(prefix.length());
  }

  private static Path weightFile(Path from) {
    if (!Files.isDirectory(from)) {
      return from;
    }
    for (String name : FILES) {
      for (Path candidate : List.of(from.resolve(name), from.resolve(name + ".index.json"))) {
        if (Files.exists(candidate)) {
          return candidate;
        }
      }
    }
    throw new UserException(from + ": found no weight file, expected one of " + FILES + " or its .index.json");
  }
}
