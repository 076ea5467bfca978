package kiln.launcher.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kiln.bindings.MappedPages;
import kiln.bindings.UserException;
import kiln.model.graph.Graph;
import kiln.model.graph.Parameter;
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.PlanBuilder;
import kiln.model.weights.MappedWeights;
import kiln.model.weights.SafetensorsType;
import kiln.model.weights.SafetensorsWriter;
import kiln.model.weights.TensorBytes;
import kiln.model.weights.WeightFiles;

/**
 * A network that a run uses as it is, and that every checkpoint takes along. Its weights stay in the pages of their file, which
 * all ranks of a machine share.
 */
public final class FrozenNetwork implements ParameterBinding, AutoCloseable {
  private final NetworkFiles files;
  private final List<Parameter> parameters;
  private final MappedWeights weights;

  private FrozenNetwork(NetworkFiles files, List<Parameter> parameters, MappedWeights weights) {
    this.files = files;
    this.parameters = List.copyOf(parameters);
    this.weights = weights;
  }

  /**
   * Maps the weights that lie in {@code from}.
   *
   * @throws UserException if the file is absent or malformed, or a tensor is missing, misshapen or superfluous
   */
  public static FrozenNetwork open(Path from, NetworkFiles files, List<Parameter> parameters) {
    return new FrozenNetwork(files, parameters, MappedWeights.open(from, files.names(), parameters, files.prefix()));
  }

  /** Bytes of its weights in float32. */
  public long bytes() {
    return parameters.stream().mapToLong(parameter -> parameter.shape().elements() * Float.BYTES).sum();
  }

  @Override
  public void bind(Graph graph, PlanBuilder builder) {
    weights.bind(graph, builder);
  }

  /** Writes configuration and weights, in float32, into a folder below {@code parent}. */
  void write(Path parent) throws IOException {
    Path into = Files.createDirectories(parent.resolve(files.folder()));
    files.writeConfig(into);
    List<SafetensorsWriter.Tensor> tensors = parameters.stream().map(this::tensor).toList();
    WeightFiles.write(into, files.stem(), tensors, Long.MAX_VALUE);
  }

  private SafetensorsWriter.Tensor tensor(Parameter parameter) {
    String name = parameter.name().substring(files.prefix().length());
    MemorySegment values = weights.values(parameter);
    TensorBytes bytes =
        (offset, into) -> {
          MemorySegment piece = values.asSlice(offset, into.byteSize());
          into.copyFrom(piece);
          MappedPages.release(piece); // most are not read otherwise: kernels keep copies of their own
        };
    return new SafetensorsWriter.Tensor(name, SafetensorsType.F32, parameter.shape(), bytes);
  }

  @Override
  public void close() {
    weights.close();
  }
}
