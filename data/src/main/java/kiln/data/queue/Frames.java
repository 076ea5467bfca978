package kiln.data.queue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The documents of a Chronicle Queue's file, found by their headers (Chronicle Wire's framing): one after the other, each a
 * multiple of four bytes from the start.
 *
 * <pre>
 *   bit 31                30         29 .. 0
 *   +---------------------+----------+---------------------+
 *   | not complete        | metadata | length n            |   int32, little-endian; 0 where nothing has been written yet
 *   +---------------------+----------+---------------------+
 *   | n bytes, then as many as bring the next header to a multiple of four
 * </pre>
 *
 * <p>Chronicle's own tailer follows lengths and indices in mapped memory without looking at the file's size first: a damaged
 * one ends the process with SIGBUS or SIGSEGV. Here nothing outside of the given memory is touched.
 */
public final class Frames {
  static final int NOT_COMPLETE = 0x8000_0000;
  static final int METADATA = 0x4000_0000;
  static final int LENGTH = 0x3fff_ffff;

  private static final VarHandle HEADER =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle().withInvokeExactBehavior();

  /** Where a document's bytes lie in the file; its header comes before them. */
  public record Document(long start, long length) {
    long header() {
      return start - Integer.BYTES;
    }
  }

  /** Why there is no further document. */
  public enum End {
    /** Nothing has been written after the last one. */
    CLEAN,
    /** One was begun and not completed, or is being written. */
    TORN,
    /** A header that says more than is there. */
    MALFORMED
  }

  private MemorySegment window;
  private long base;
  private long position;
  private End end = End.CLEAN;

  /**
   * @param file from its first byte on
   */
  public Frames(MemorySegment file) {
    this.window = file;
  }

  /**
   * Goes on in another view of the same file.
   *
   * @param base where the view begins in the file, before {@link #position}
   */
  void moveTo(MemorySegment view, long base) {
    this.window = view;
    this.base = base;
  }

  /** The next document that holds data and is complete; null if there is none (yet): {@link #end} says why. */
  public Document next() {
    while (position + Integer.BYTES <= base + window.byteSize()) {
      int header = (int) HEADER.getAcquire(window, position - base); // what the document holds was written before
      if (header == 0) {
        return end(End.CLEAN);
      }
      if ((header & NOT_COMPLETE) != 0) {
        return end(End.TORN);
      }
      long start = position + Integer.BYTES;
      long length = header & LENGTH;
      boolean metadata = (header & METADATA) != 0;
      if (start + length > base + window.byteSize() || (position == 0 && !metadata)) {
        return end(End.MALFORMED);
      }
      position = (start + length + 3) & ~3L;
      if (!metadata) {
        return new Document(start, length);
      }
    }
    return end(End.CLEAN);
  }

  private Document end(End reason) {
    end = reason;
    return null;
  }

  /** Why {@link #next} gave none. */
  public End end() {
    return end;
  }

  /** Where the header of the next document is, or will be. */
  long position() {
    return position;
  }
}
