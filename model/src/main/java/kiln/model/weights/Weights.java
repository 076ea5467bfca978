package kiln.model.weights;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import kiln.bindings.UserException;
import kiln.model.graph.Parameter;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.Slices;

/**
 * Moves the parameters of a network between a flat float32 region and its files. Several networks may share a table; then
 * each one's names start with a prefix that its files do not have.
 */
public final class Weights {
  private Weights() {}

  /** As {@link #load(Path, WeightNames, ParameterTable, String, MemorySegment)}, for a table of one network. */
  public static void load(Path from, ParameterTable table, MemorySegment region) {
    load(from, WeightNames.SAME, table, "", region);
  }

  /**
   * Reads every parameter whose name starts with {@code prefix} into its slice of {@code region}; F16, BF16 and F64 become
   * float32. Nothing is written before all of the file has been found to fit.
   *
   * @param from a safetensors file, an index of several, or a folder with one of these (see {@link WeightFinder})
   * @throws UserException if a tensor is missing, superfluous, of another shape or not of floating-point numbers, or a file is
   *     absent, malformed or a pickle; the message names the file, the tensor, what was found and what was expected
   */
  public static void load(Path from, WeightNames names, ParameterTable table, String prefix, MemorySegment region) {
    load(from, names, table, prefix, region, Slices.all(table));
  }

  /** The same, reading only {@code wanted}; nothing else of {@code region} is touched. */
  public static void load(
      Path from, WeightNames names, ParameterTable table, String prefix, MemorySegment region, Slices wanted) {
    try (WeightSource source = WeightSource.open(from)) {
      List<Parameter> parameters = entries(table, prefix).stream().map(ParameterTable.Entry::parameter).toList();
      for (WeightMatch match : WeightMatch.all(source, names, parameters, prefix)) {
        ParameterTable.Entry entry = table.entry(match.parameter().name());
        for (Slices.Slice part : wanted.within(entry.offset(), entry.bytes())) {
          source.readFloats(match.tensor().name(), (part.offset() - entry.offset()) / Float.BYTES, part.of(region));
        }
      }
    }
  }

  /**
   * Whether a network's weights are all there and fit, as {@link #load} asks, without reading them.
   *
   * @throws UserException as {@link #load}
   */
  public static void check(Path from, WeightNames names, List<Parameter> parameters, String prefix) {
    try (WeightSource source = WeightSource.open(from)) {
      WeightMatch.all(source, names, parameters, prefix);
    }
  }

  /**
   * Writes every parameter whose name starts with {@code prefix}, without it, as {@code file}, whole or not at all.
   *
   * @throws UserException if the file system refuses
   */
  public static void save(Path file, ParameterTable table, String prefix, MemorySegment region) {
    SafetensorsWriter.write(file, WeightFiles.METADATA, tensors(table, prefix, region));
  }

  /** Every parameter whose name starts with {@code prefix}, named without it, as float32 tensors lying in {@code region}. */
  public static List<SafetensorsWriter.Tensor> tensors(ParameterTable table, String prefix, MemorySegment region) {
    return entries(table, prefix).stream()
        .map(entry -> {
          String name = entry.parameter().name().substring(prefix.length());
          return SafetensorsWriter.Tensor.f32(name, entry.parameter().shape(), entry.slice(region));
        })
        .toList();
  }

  private static List<ParameterTable.Entry> entries(ParameterTable table, String prefix) {
    return table.entries().stream().filter(e -> e.parameter().name().startsWith(prefix)).toList();
  }
}
