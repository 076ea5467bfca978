package kiln.data.queue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import kiln.bindings.UserException;

/**
 * A part's file of documents, mapped read-only as a whole, and its blocks one after the other. Whoever waits for blocks that are
 * still to be written calls {@link #next} again.
 */
final class PartFile {
  /** Views begin at a multiple of it, so that blocks lie in memory as they lie in the file. */
  private static final long GRANULE = 4096;

  private final Part part;
  private final Path file;
  private final Arena arena;
  private final Frames frames;
  private MemorySegment window;
  private long base;
  private int numBlocks;

  /**
   * A block, and where it lies.
   *
   * @param index among the documents of the part
   * @param header where the document's header is in the file
   * @param at where the block begins in the file
   */
  record Stored(Block block, Part part, Path file, int index, long header, long at) {
    /** For messages. */
    String place() {
      return file + ": block " + index;
    }
  }

  /** A document that does not hold a block. */
  static final class DamagedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Where the document's header is in the file. */
    final long header;

    DamagedException(String message, long header) {
      super(message);
      this.header = header;
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
    this.window = map(0);
    this.frames = new Frames(window);
  }

  private MemorySegment map(long from) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, from, Math.max(0, channel.size() - from), arena);
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
    Frames.Document document = frames.next();
    if (document == null) {
      return Optional.empty();
    }
    long at = RecordBytes.align(document.start());
    long end = document.start() + document.length();
    int index = numBlocks++;
    try {
      Block block = Block.at(window.asSlice(Math.min(at, end) - base, Math.max(0, end - at)));
      return Optional.of(new Stored(block, part, file, index, document.header(), at));
    } catch (MalformedRecordException e) {
      throw new DamagedException(file + ": block " + index + " " + e.getMessage(), document.header());
    }
  }

  /**
   * Maps what has been added to the file; blocks that were given stay where they are.
   *
   * @return whether there is more than before
   */
  boolean grow() {
    try {
      if (Files.size(file) <= base + window.byteSize()) {
        return false;
      }
    } catch (IOException e) {
      throw new UserException(file + ": cannot be read: " + Manifest.firstLine(e));
    }
    base = frames.position() & -GRANULE;
    window = map(base);
    frames.moveTo(window, base);
    return true;
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

  int numBlocks() {
    return numBlocks;
  }
}
