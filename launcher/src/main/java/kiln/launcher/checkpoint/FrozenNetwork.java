package kiln.launcher.checkpoint;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import kiln.bindings.MappedPages;
import kiln.bindings.UserException;
import kiln.launcher.preset.PresetJson;
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
  private static final long DIGEST_PIECE = 4 << 20;

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

  /**
   * SHA-256, in hexadecimal, of the configuration and of all weights as float32, whatever file they come from: the same for a
   * copy that a checkpoint holds.
   */
  public String fingerprint() {
    MessageDigest digest = sha256();
    digest.update(PresetJson.MAPPER.writeValueAsBytes(files.config()));
    for (Parameter parameter : parameters) {
      digest.update((parameter.name() + parameter.shape()).getBytes(StandardCharsets.UTF_8));
      MemorySegment values = weights.values(parameter);
      for (long at = 0; at < values.byteSize(); at += DIGEST_PIECE) {
        MemorySegment piece = values.asSlice(at, Math.min(DIGEST_PIECE, values.byteSize() - at));
        digest.update(piece.asByteBuffer());
        MappedPages.release(piece);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes configuration and weights, in float32, into a folder below {@code parent}, which is returned. */
  public Path write(Path parent) throws IOException {
    Path into = Files.createDirectories(parent.resolve(files.folder()));
    files.writeConfig(into);
    List<SafetensorsWriter.Tensor> tensors = parameters.stream().map(this::tensor).toList();
    SafetensorsWriter.writeChecked(into.resolve(files.weights()), WeightFiles.METADATA, tensors);
    return into;
  }

  /** What {@link #write} makes, as seen from {@code parent}. */
  List<Path> files() {
    Path folder = Path.of(files.folder());
    return List.of(folder.resolve(NetworkFiles.CONFIG), folder.resolve(files.weights()));
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
