package kiln.model.weights;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kiln.bindings.UserException;
import kiln.model.graph.Shape;

/**
 * The tensors of one network, in one safetensors file or in several that an index joins; these may divide tensors among themselves.
 * The owner closes; views die with it.
 */
public final class WeightSource implements AutoCloseable {
  private final Path path;
  private final Collection<SafetensorsFile> files;
  private final Map<String, StoredTensor> stored;
  private final Map<String, TensorEntry> entries = new LinkedHashMap<>();

  private WeightSource(Path path, Collection<SafetensorsFile> files, Map<String, StoredTensor> stored) {
    this.path = path;
    this.files = files;
    this.stored = stored;
    stored.forEach((name, tensor) -> entries.put(name, tensor.entry()));
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
      return new WeightSource(path, index.files(), index.tensors());
    }
    SafetensorsFile file = SafetensorsFile.open(path);
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    file.tensors().keySet().forEach(name -> tensors.put(name, StoredTensor.whole(file, name)));
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
   * The files that hold a tensor: one, or several that divide it, by their first elements.
   *
   * @throws UserException if there is no such tensor
   */
  public List<SafetensorsFile> files(String tensor) {
    return stored(tensor).pieces().stream().map(StoredTensor.Piece::file).toList();
  }

  /**
   * The file that holds all of a tensor.
   *
   * @throws UserException if there is no such tensor, or several files divide it
   */
  public SafetensorsFile file(String tensor) {
    List<SafetensorsFile> holders = files(tensor);
    if (holders.size() > 1) {
      throw new UserException(path + ": tensor " + tensor + ": found in pieces in " + holders.size() + " files, expected in one");
    }
    return holders.getFirst();
  }

  /** The mapped bytes of a tensor, read-only; empty if several files divide it. */
  Optional<MemorySegment> segment(String tensor) {
    List<SafetensorsFile> holders = files(tensor);
    return holders.size() == 1 ? Optional.of(holders.getFirst().segment(tensor)) : Optional.empty();
  }

  private StoredTensor stored(String tensor) {
    StoredTensor found = stored.get(tensor);
    if (found == null) {
      throw new UserException(path + ": no tensor " + tensor + " among the " + entries.size() + " tensors");
    }
    return found;
  }

  /**
   * One tensor, to be written elsewhere while this is open. Its bytes are read when they are asked for, past the mapped pages,
   * so that files larger than the memory can pass.
   *
   * @throws UserException if there is no such tensor, or the engine cannot name its extents
   */
  public SafetensorsWriter.Tensor tensor(String name) {
    StoredTensor found = stored(name);
    return new SafetensorsWriter.Tensor(name, found.entry().type(), shape(found.entry()), found.bytes());
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
    StoredTensor found = stored(name);
    try {
      TensorCast.read(found.bytes(), entry.type(), first, SafetensorsType.F32, into);
    } catch (TensorCast.OutOfRangeException e) {
      throw new UserException(found.pieces().getFirst().file().path() + ": tensor " + name + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    files.forEach(SafetensorsFile::close);
  }
}
