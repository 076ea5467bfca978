package kiln.model.weights;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import kiln.bindings.UserException;

/**
 * A safetensors file, mapped into memory: tensors are read-only views of the file's pages, nothing is copied. Values are
 * little-endian and start at any byte, so reads need unaligned layouts.
 *
 * <p>The owner closes; views die with the file.
 */
public final class SafetensorsFile implements AutoCloseable {
  private final Path path;
  private final Arena arena;
  private final MemorySegment file;
  private final SafetensorsHeader header;

  private SafetensorsFile(Path path, Arena arena, MemorySegment file) {
    this.path = path;
    this.arena = arena;
    this.file = file;
    this.header = SafetensorsHeader.read(path, file);
  }

  /**
   * Maps a file and checks its header whole: whoever holds the object can rely on every entry.
   *
   * @throws UserException if the file is absent, unreadable or malformed; the message names file, defect and offset
   */
  public static SafetensorsFile open(Path path) {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      return new SafetensorsFile(path, arena, file);
    } catch (NoSuchFileException e) {
      arena.close();
      throw new UserException(path + ": no such file, expected a safetensors file", e);
    } catch (IOException e) {
      arena.close();
      throw new UserException(path + ": cannot be read (" + e.getMessage() + "), expected a safetensors file", e);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  public Path path() {
    return path;
  }

  /** All tensors by name, in the order of the header. */
  public Map<String, TensorEntry> tensors() {
    return header.tensors();
  }

  /** What the writer noted beside the tensors; empty if nothing. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /**
   * The bytes of one tensor, read-only.
   *
   * @throws UserException if there is no such tensor
   */
  public MemorySegment segment(String name) {
    TensorEntry entry = tensors().get(name);
    if (entry == null) {
      throw new UserException(path + ": no tensor " + name + " among the " + tensors().size() + " tensors of the file");
    }
    return file.asSlice(entry.offset(), entry.bytes());
  }

  @Override
  public void close() {
    arena.close();
  }
}
