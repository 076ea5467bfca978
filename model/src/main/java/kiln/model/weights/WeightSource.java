package kiln.model.weights;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kiln.bindings.UserException;
import kiln.model.graph.Shape;

/**
 * The tensors of one network, in one safetensors file or in several that an index joins. The owner closes; views die with it.
 */
public final class WeightSource implements AutoCloseable {
  private final Path path;
  private final Collection<SafetensorsFile> files;
  private final Map<String, SafetensorsFile> byTensor;
  private final Map<String, TensorEntry> entries = new LinkedHashMap<>();

  private WeightSource(Path path, Collection<SafetensorsFile> files, Map<String, SafetensorsFile> byTensor) {
    this.path = path;
    this.files = files;
    this.byTensor = byTensor;
    byTensor.forEach((name, file) -> entries.put(name, file.tensors().get(name)));
  }

  /**
   * Maps the weights; nothing is read but the headers.
   *
   * @param from a safetensors file, an index of several, or a folder that holds one of these (see {@link WeightFinder})
   * @throws UserException if it is absent, unreadable, malformed or a pickle; the message names the file and the defect
   */
  @SuppressWarnings("resource") // the result closes them
  public static WeightSource open(Path from) {
    Path path = WeightFinder.find(from);
    if (path.getFileName().toString().endsWith(".json")) {
      SafetensorsIndex index = SafetensorsIndex.open(path);
      return new WeightSource(path, index.shards(), index.tensors());
    }
    SafetensorsFile file = SafetensorsFile.open(path);
    Map<String, SafetensorsFile> tensors = new LinkedHashMap<>();
    file.tensors().keySet().forEach(name -> tensors.put(name, file));
    return new WeightSource(path, List.of(file), tensors);
  }

  /** The file, or the index. */
  public Path path() {
    return path;
  }

  /** The file, or all files that the index names. */
  public Collection<SafetensorsFile> files() {
    return files;
  }

  /** All tensors by name, in the order of the file or the index. */
  public Map<String, TensorEntry> tensors() {
    return Collections.unmodifiableMap(entries);
  }

  /**
   * The file that holds a tensor.
   *
   * @throws UserException if there is no such tensor
   */
  public SafetensorsFile file(String tensor) {
    SafetensorsFile file = byTensor.get(tensor);
    if (file == null) {
      throw new UserException(path + ": no tensor " + tensor + " among the " + entries.size() + " tensors");
    }
    return file;
  }

  /**
   * One tensor, to be written elsewhere while this is open. Its bytes are read when they are asked for, past the mapped pages,
   * so that files larger than the memory can pass.
   *
   * @throws UserException if there is no such tensor, or the engine cannot name its extents
   */
  public SafetensorsWriter.Tensor tensor(String name) {
    SafetensorsFile file = file(name);
    TensorEntry entry = entries.get(name);
    return new SafetensorsWriter.Tensor(name, entry.type(), shape(entry), file.bytes(name));
  }

  private Shape shape(TensorEntry entry) {
    try {
      return entry.shape();
    } catch (ArithmeticException e) {
      String found = ": tensor " + entry.name() + ": found " + entry.dims();
      throw new UserException(path + found + ", expected extents below 2^31", e);
    }
  }

  /**
   * Reads a tensor of floating-point numbers, of whatever width, as float32, past the mapped pages.
   *
   * @param into float32, as many as the tensor has
   * @throws UserException if the file cannot be read, or holds a finite number beyond float32's range
   * @throws IllegalArgumentException if it is no such tensor, or has another size
   */
  void readFloats(String name, MemorySegment into) {
    TensorEntry entry = entries.get(name);
    if (into.byteSize() != entry.elements() * Float.BYTES) {
      String room = into.byteSize() + " bytes of float32";
      throw new IllegalArgumentException(entry.describe() + " is not what fits into " + room);
    }
    readFloats(name, 0, into);
  }

  /**
   * As {@link #readFloats(String, MemorySegment)}, a part of it.
   *
   * @param first element that is read
   * @param into float32, as many as are wanted
   */
  void readFloats(String name, long first, MemorySegment into) {
    TensorEntry entry = entries.get(name);
    if (!TensorCast.FLOATS.contains(entry.type()) || first + into.byteSize() / Float.BYTES > entry.elements()) {
      throw new IllegalArgumentException(entry.describe() + " has no " + into.byteSize() + " bytes of float32 from " + first);
    }
    SafetensorsFile file = file(name);
    try {
      TensorCast.read(file.bytes(name), entry.type(), first, SafetensorsType.F32, into);
    } catch (TensorCast.OutOfRangeException e) {
      throw new UserException(file.path() + ": tensor " + name + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    files.forEach(SafetensorsFile::close);
  }
}
