package kiln.model.weights;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
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
  /** Bytes per read: far below what a ByteBuffer can view. */
  private static final long CHUNK = 1L << 28;

  private final Path path;
  private final Arena arena;
  private final FileChannel channel;
  private final MemorySegment file;
  private final SafetensorsHeader header;

  private SafetensorsFile(Path path, Arena arena, FileChannel channel) throws IOException {
    this.path = path;
    this.arena = arena;
    this.channel = channel;
    this.file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    this.header = SafetensorsHeader.read(path, file);
  }

  /**
   * Maps a file and checks its header whole: whoever holds the object can rely on every entry.
   *
   * @throws UserException if the file is absent, unreadable or malformed; the message names file, defect and offset
   */
  public static SafetensorsFile open(Path path) {
    Arena arena = Arena.ofShared();
    FileChannel channel = null;
    try {
      channel = FileChannel.open(path, StandardOpenOption.READ);
      return new SafetensorsFile(path, arena, channel);
    } catch (NoSuchFileException e) {
      release(arena, channel);
      throw new UserException(path + ": no such file, expected a safetensors file", e);
    } catch (IOException e) {
      release(arena, channel);
      throw new UserException(path + ": cannot be read (" + e.getMessage() + "), expected a safetensors file", e);
    } catch (RuntimeException e) {
      release(arena, channel);
      throw e;
    }
  }

  private static void release(Arena arena, FileChannel channel) {
    arena.close();
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
    TensorEntry entry = entry(name);
    return file.asSlice(entry.offset(), entry.bytes());
  }

  /**
   * The bytes of one tensor, to be copied while the file is open: read from the file, not from its mapped pages, so that
   * these take no memory.
   *
   * @throws UserException if there is no such tensor
   */
  public TensorBytes bytes(String name) {
    TensorEntry entry = entry(name);
    return (offset, into) -> read(entry, offset, into);
  }

  private void read(TensorEntry entry, long offset, MemorySegment into) {
    if (offset < 0 || into.byteSize() > entry.bytes() - offset) {
      throw new IndexOutOfBoundsException(offset + " + " + into.byteSize() + " of " + entry.bytes() + " bytes");
    }
    try {
      for (long at = 0; at < into.byteSize(); at += CHUNK) {
        ByteBuffer chunk = into.asSlice(at, Math.min(CHUNK, into.byteSize() - at)).asByteBuffer();
        long start = entry.offset() + offset + at;
        while (chunk.hasRemaining()) {
          if (channel.read(chunk, start + chunk.position()) < 0) {
            throw new EOFException("it ends at byte " + channel.size());
          }
        }
      }
    } catch (IOException e) {
      throw new UserException(path + ": tensor " + entry.name() + " cannot be read (" + e.getMessage() + ")", e);
    }
  }

  private TensorEntry entry(String name) {
    TensorEntry entry = tensors().get(name);
    if (entry == null) {
      throw new UserException(path + ": no tensor " + name + " among the " + tensors().size() + " tensors of the file");
    }
    return entry;
  }

  @Override
  public void close() {
    release(arena, channel);
  }
}
