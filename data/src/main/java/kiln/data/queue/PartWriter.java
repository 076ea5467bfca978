package kiln.data.queue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import kiln.bindings.FileRoom;
import kiln.bindings.ForeignMemory;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;

/**
 * Appends blocks to a new part. The room for each is reserved before it is mapped, so that a full disk is an exception, after which
 * all earlier blocks are whole.
 */
final class PartWriter implements AutoCloseable {
  /** Room for what Chronicle itself writes at the beginning, and for an index before any record. */
  private static final long SLACK = 1 << 20;

  /** So many records' room is reserved at once, if there is so much; the rest is given back at the end. */
  private static final int RECORDS_AHEAD = 8;

  private static final long MOST_AHEAD = 64 << 20;

  private final Path split;
  private final Part part;
  private final FileRoom room;
  private final SingleChronicleQueue queue;
  private final ExcerptAppender appender;
  private long end;
  private long roomEnd = SLACK;

  /**
   * @param split folder of the split
   * @throws FileSystemException if there is no room
   */
  PartWriter(Path split, Part part, long largestRecord) throws IOException {
    this.split = split;
    this.part = part;
    Path folder = split.resolve(part.folder());
    Files.createDirectories(folder);
    makeSure(folder.resolve("room"));
    SingleChronicleQueue open = Queues.forWriting(folder, largestRecord);
    FileRoom reserved = null;
    try {
      appender = open.createAppender();
      reserved = FileRoom.of(part.file(split));
      reserved.reserve(0, SLACK);
    } catch (Throwable e) {
      open.close();
      if (reserved != null) {
        reserved.close();
      }
      throw e;
    }
    queue = open;
    room = reserved;
  }

  /**
   * Sees whether there is room for the headers of a new queue. Chronicle wants to make its files itself, so that their room can
   * only be reserved in another file's place.
   */
  private static void makeSure(Path file) throws IOException {
    try (FileRoom headers = FileRoom.of(file)) {
      headers.reserve(0, 2 * SLACK);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /**
   * Writes a block behind the others.
   *
   * @return where it lies in the file
   * @throws FileSystemException if there is no room; nothing is written then
   */
  long append(BlockEncoder encoder) throws IOException {
    makeRoom(encoder.byteSize());
    try (DocumentContext document = appender.writingDocument()) {
      try {
        return writeInPlace(encoder, document.wire().bytes());
      } catch (Throwable e) {
        document.rollbackOnClose();
        throw e;
      }
    }
  }

  private void makeRoom(long bytes) throws IOException {
    long needed = bytes + SLACK;
    if (end + needed <= roomEnd) {
      return;
    }
    long more = Math.max(needed, Math.min(RECORDS_AHEAD * bytes, MOST_AHEAD));
    try {
      room.reserve(end, more);
      roomEnd = end + more;
    } catch (FileSystemException e) {
      room.reserve(end, needed);
      roomEnd = end + needed;
    }
  }

  private long writeInPlace(BlockEncoder encoder, Bytes<?> out) {
    long bytes = encoder.byteSize();
    long start = out.writePosition();
    // Positions count from the start of the file, and chunks are mapped at page boundaries.
    long position = BlockLayout.align(start);
    out.ensureCapacity(position + bytes);
    for (long p = start; p < position; p++) {
      out.writeByte(p, (byte) 0);
    }
    encoder.writeTo(ForeignMemory.at(out.addressForWrite(position), bytes));
    out.writePosition(position + bytes);
    end = position + bytes;
    return position;
  }

  Part part() {
    return part;
  }

  /** Closes the queue, cuts its file to what is used and forces it to disk. */
  void finish() throws IOException {
    close();
    cut(split, part, end);
  }

  /**
   * Cuts a part that nobody writes any more.
   *
   * @param end behind its last document
   */
  static void cut(Path split, Part part, long end) throws IOException {
    try (FileChannel channel = FileChannel.open(part.file(split), StandardOpenOption.WRITE)) {
      // Two pages stay after the last document, where a reader looks for the next one.
      channel.truncate(Math.min(channel.size(), (end + 8191) & -4096L));
      channel.force(true);
    }
    Path metadata = split.resolve(part.folder()).resolve(Queues.METADATA);
    if (Files.exists(metadata)) {
      try (FileChannel channel = FileChannel.open(metadata, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
    }
  }

  /** Adds a part's files and their sizes to {@code sizes}, named as seen from the split's folder. */
  static void list(Path split, Part part, Map<String, Long> sizes) throws IOException {
    for (String name : new String[] {Queues.FILE, Queues.METADATA}) {
      Path file = split.resolve(part.folder()).resolve(name);
      if (Files.exists(file)) {
        sizes.put(part.folder() + "/" + name, Files.size(file));
      }
    }
  }

  @Override
  public void close() {
    appender.close();
    queue.close();
    room.close();
  }
}
