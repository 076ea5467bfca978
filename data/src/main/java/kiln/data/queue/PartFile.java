package kiln.data.queue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import kiln.bindings.UserException;

/**
 * A part's file of documents, mapped read-only as a whole, and its blocks one after the other. Whoever waits for blocks that are
 * still to be written calls {@link #next} again.
 */
final class PartFile {
  private final Part part;
  private final Path file;
  private final Arena arena;
  private MemorySegment mapped;
  private final Frames frames;
  private int numBlocks;

  /** A block, and where it lies. */
  record Stored(Block block, Part part, Path file, int index, long at) {
    /** For messages. */
    String place() {
      return file + ": block " + index;
    }
  }

  /** A document that does not hold a sound block. */
  static final class DamagedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Where the block should begin in the file. */
    final long at;

    DamagedException(String message, long at) {
      super(message);
      this.at = at;
    }
  }

  /**
   * @param arena of the mapping
   * @throws UserException if the file cannot be mapped
   */
  PartFile(Path split, Part part, Arena arena) {
    this.part = part;
    this.file = part.file(split);
    this.arena = arena;
    this.mapped = map(file, arena);
    this.frames = new Frames(mapped);
  }

  private static MemorySegment map(Path file, Arena arena) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (IOException e) {
      throw new UserException(file + ": cannot be mapped: " + Manifest.firstLine(e));
    }
  }

  /**
   * The next complete block; empty if there is none (yet).
   *
   * @throws DamagedException if the document does not hold one; the next call goes on behind it
   */
  Optional<Stored> next() throws DamagedException {
    while (true) {
      Frames.Document document = frames.next();
      if (document == null) {
        return Optional.empty();
      }
      long at = BlockLayout.align(document.start());
      long bytes = document.start() + document.length() - at;
      int index = numBlocks++;
      if (bytes >= Long.BYTES && mapped.get(BlockLayout.LONG, at) == BlockLayout.VOID) {
        continue;
      }
      try {
        Block block = Block.at(mapped.asSlice(Math.min(at, mapped.byteSize()), Math.max(0, bytes)));
        return Optional.of(new Stored(block, part, file, index, at));
      } catch (Block.MalformedException e) {
        throw new DamagedException(file + ": block " + index + " " + e.getMessage(), at);
      }
    }
  }

  /** Maps what has been added to the file since; blocks that were given stay where they are. */
  void grow() {
    mapped = map(file, arena);
    frames.remap(mapped);
  }

  /** Bytes that are mapped. */
  long byteSize() {
    return mapped.byteSize();
  }

  /** Where the next document's header is, or will be. */
  long position() {
    return frames.position();
  }

  /** Why {@link #next} gave none. */
  Frames.End end() {
    return frames.end();
  }

  Path file() {
    return file;
  }

  Part part() {
    return part;
  }

  int numBlocks() {
    return numBlocks;
  }
}
