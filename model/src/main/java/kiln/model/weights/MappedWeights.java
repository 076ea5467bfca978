package kiln.model.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kiln.bindings.Region;
import kiln.bindings.UserException;
import kiln.model.graph.Graph;
import kiln.model.graph.Parameter;
import kiln.model.plan.ParameterBinding;
import kiln.model.plan.PlanBuilder;

/**
 * Parameters that stay where their file is: float32 tensors are read in the mapped pages of the file, which the system loads
 * when a kernel touches them, and nothing is copied. Tensors of other widths, those that do not start at a multiple of 4 bytes,
 * and those that several files divide are turned into float32 in memory of their own, a few megabytes of the file at a time, so
 * that the file's bytes and the converted ones are never resident together.
 *
 * <p>Values are read-only: this is for drawing, not for training. Plans that were built with these parameters are to be
 * closed first. A file that shrinks under a mapping takes the process down, as with every mapped file: replace files by
 * renaming (as Kiln does), do not write over them.
 */
public final class MappedWeights implements ParameterBinding, AutoCloseable {
  private static final int ALIGNMENT = 64;

  private final WeightSource source;
  private final Region converted;
  private final Map<Parameter, MemorySegment> places = new HashMap<>();
  private final long residentBytes;

  private MappedWeights(WeightSource source, List<WeightMatch> matches) {
    this.source = source;
    List<WeightMatch> toConvert = new ArrayList<>();
    long mapped = 0;
    long bytes = 0;
    for (WeightMatch match : matches) {
      Optional<MemorySegment> segment = source.segment(match.tensor().name());
      if (match.tensor().type() == SafetensorsType.F32 && segment.filter(MappedWeights::isAligned).isPresent()) {
        places.put(match.parameter(), segment.get());
        mapped += segment.get().byteSize();
      } else {
        toConvert.add(match);
        bytes += paddedBytes(match);
      }
    }
    residentBytes = mapped + bytes;
    converted = Region.allocate("weights of " + source.path(), Math.max(1, bytes));
    try {
      convert(toConvert);
    } catch (RuntimeException e) {
      converted.close();
      throw e;
    }
  }

  private void convert(List<WeightMatch> matches) {
    long at = 0;
    for (WeightMatch match : matches) {
      MemorySegment place = converted.slice(at, match.tensor().elements() * Float.BYTES);
      source.readFloats(match.tensor().name(), place);
      places.put(match.parameter(), place.asReadOnly());
      at += paddedBytes(match);
    }
  }

  private static boolean isAligned(MemorySegment segment) {
    return segment.address() % ValueLayout.JAVA_FLOAT.byteAlignment() == 0;
  }

  private static long paddedBytes(WeightMatch match) {
    return (match.tensor().elements() * Float.BYTES + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /**
   * Maps a network's weights.
   *
   * @param from a safetensors file, an index of several, or a folder with one of these
   * @param names from the names in the file to those of the parameters, without {@code prefix}
   * @param parameters those whose name starts with {@code prefix} are looked for
   * @param prefix what the parameters' names have before those of the file; may be empty
   * @throws UserException as {@link Weights#load(Path, WeightNames, kiln.model.plan.ParameterTable, String, MemorySegment)}
   * @throws OutOfMemoryError if the system does not give the memory for what is converted
   */
  public static MappedWeights open(Path from, WeightNames names, List<Parameter> parameters, String prefix) {
    WeightSource source = WeightSource.open(from);
    try {
      return new MappedWeights(source, WeightMatch.all(source, names, parameters, prefix));
    } catch (RuntimeException | OutOfMemoryError e) {
      source.close();
      throw e;
    }
  }

  /** Binds those of the graph's parameters that are here; these must not be closed before the plan. */
  @Override
  public void bind(Graph graph, PlanBuilder builder) {
    graph.parameters().forEach((parameter, value) -> {
      MemorySegment place = places.get(parameter);
      if (place != null) {
        builder.bind(value, place);
      }
    });
  }

  /**
   * The values of one parameter: float32, row-major, read-only.
   *
   * @throws IllegalArgumentException if it is not among those that were opened
   */
  public MemorySegment values(Parameter parameter) {
    MemorySegment place = places.get(parameter);
    if (place == null) {
      throw new IllegalArgumentException("no values of " + parameter + " in " + source.path());
    }
    return place;
  }

  /**
   * The values of the parameter of that name, prefix included: float32, row-major, read-only.
   *
   * @throws IllegalArgumentException if it is not among those that were opened
   */
  public MemorySegment values(String parameter) {
    return values(
        places.keySet().stream()
            .filter(p -> p.name().equals(parameter))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no values of " + parameter + " in " + source.path())));
  }

  /** Bytes of memory that the weights take once all of them have been used: pages of files, and what was converted. */
  public long residentBytes() {
    return residentBytes;
  }

  /** Bytes among {@link #residentBytes} that are pages of files. */
  public long mappedBytes() {
    return residentBytes - (converted.byteSize() == 1 ? 0 : converted.byteSize());
  }

  @Override
  public void close() {
    source.close();
    converted.close();
  }
}
