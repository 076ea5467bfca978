package kiln.launcher.folder;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import kiln.bindings.UserException;
import kiln.model.weights.SafetensorsFile;
import kiln.model.weights.SafetensorsType;
import kiln.model.weights.TensorEntry;
import kiln.model.weights.WeightSource;
import kiln.model.weights.Weights;

/**
 * What the weight files of a component hold: their headers are read, not their tensors.
 *
 * @param metadata notes of the files' writer, by name; of several files, those of the last that has the name
 * @param problem why Kiln cannot build or load the network, in one line; empty if it can, or does not have such a network
 */
public record ComponentReport(
    Component component, List<Tensor> tensors, List<Path> files, Map<String, String> metadata, Optional<String> problem) {

  private static final Set<SafetensorsType> NOT_FLOATS =
      EnumSet.of(
          SafetensorsType.BOOL, SafetensorsType.U8, SafetensorsType.I8, SafetensorsType.I16, SafetensorsType.U16,
          SafetensorsType.I32, SafetensorsType.U32, SafetensorsType.I64, SafetensorsType.U64);

  /**
   * A tensor and where it lies.
   *
   * @param files one, or those that divide it
   */
  public record Tensor(TensorEntry entry, List<Path> files) {}

  public ComponentReport {
    tensors = List.copyOf(tensors);
    files = List.copyOf(files);
  }

  /**
   * @throws UserException if a weight file is malformed, or one that an index names is missing
   */
  public static ComponentReport of(Component component) {
    List<Tensor> tensors = new ArrayList<>();
    List<Path> files = new ArrayList<>();
    Map<String, String> metadata = new TreeMap<>();
    for (Path weights : component.weights()) {
      try (WeightSource source = WeightSource.open(weights)) {
        source.tensors().forEach((name, entry) -> tensors.add(new Tensor(entry, paths(source.files(name)))));
        for (SafetensorsFile file : source.files()) {
          files.add(file.path());
          metadata.putAll(file.metadata());
        }
      }
    }
    return new ComponentReport(component, tensors, files, metadata, problem(component));
  }

  private static List<Path> paths(Collection<SafetensorsFile> files) {
    return files.stream().map(SafetensorsFile::path).toList();
  }

  /** The safetensors files that {@code weights} is, or joins. */
  static List<Path> files(Path weights) {
    try (WeightSource source = WeightSource.open(weights)) {
      return paths(source.files());
    }
  }

  /** Whether configuration and weights make a network. */
  private static Optional<String> problem(Component component) {
    if (!component.kind().isNetwork() || component.config().isEmpty()) {
      return Optional.empty();
    }
    try {
      Path weights = component.weights().getFirst();
      Weights.check(weights, Networks.weightNames(component.kind()), Networks.parameters(component), "");
      return Optional.empty();
    } catch (UserException e) {
      return Optional.of(e.getMessage());
    }
  }

  /** Elements of all tensors of floating-point numbers; integers are tables, and moments of an optimizer are no parameters. */
  public long parameters() {
    if (component.kind() == ComponentKind.OPTIMIZER) {
      return 0;
    }
    return tensors.stream().filter(t -> !NOT_FLOATS.contains(t.entry.type())).mapToLong(t -> t.entry.elements()).sum();
  }

  public long bytes() {
    return tensors.stream().mapToLong(t -> t.entry.bytes()).sum();
  }

  /** How many tensors there are of each type. */
  public Map<SafetensorsType, Integer> types() {
    Map<SafetensorsType, Integer> types = new TreeMap<>();
    tensors.forEach(t -> types.merge(t.entry.type(), 1, Integer::sum));
    return types;
  }
}
