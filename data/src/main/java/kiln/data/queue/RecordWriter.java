package kiln.data.queue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import kiln.bindings.FileRoom;
import kiln.bindings.ForeignMemory;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;

/**
 * Appends records to a new Chronicle Queue, each made in place in the mapped file. The room for each is reserved before it is
 * mapped, so that a full disk is an exception, after which all earlier records are whole. For one thread.
 */
public final class RecordWriter implements AutoCloseable {
  /** Room for what Chronicle itself writes at the beginning, and for an index before any record. */
  private static final long SLACK = 1 << 20;

  /** What a queue needs beside its records while it is written. */
  public static final long SPARE_BYTES = 2 * SLACK;

  /** So many records' room is reserved at once, if there is so much; the rest is given back by {@link #cut}. */
  private static final int RECORDS_AHEAD = 8;

  private static final long MOST_AHEAD = 64 << 20;

  private final FileRoom room;
  private final SingleChronicleQueue queue;
  private final ExcerptAppender appender;
  private long end;
  private long roomEnd = SLACK;

  /**
   * @param folder of the queue; created
   * @param largestRecord bytes, of all records that will be appended
   * @throws FileSystemException if there is no room
   */
  public RecordWriter(Path folder, long largestRecord) throws IOException {
    Files.createDirectories(folder);
    makeSure(folder.resolve("room"));
    SingleChronicleQueue open = Queues.forWriting(folder, largestRecord);
    FileRoom reserved = null;
    try {
      appender = open.createAppender();
      reserved = FileRoom.of(folder.resolve(Queues.FILE));
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
      headers.reserve(0, SPARE_BYTES);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /**
   * Writes a record behind the others, at a multiple of 64 bytes.
   *
   * @param content told where: exactly {@code bytes} bytes, zeroed or not
   * @return where it lies in the file
   * @throws FileSystemException if there is no room; nothing is written then
   */
  public long append(long bytes, Consumer<MemorySegment> content) throws IOException {
    makeRoom(bytes);
    try (DocumentContext document = appender.writingDocument()) {
      try {
        return writeInPlace(bytes, content, document.wire().bytes());
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

  private long writeInPlace(long bytes, Consumer<MemorySegment> content, Bytes<?> out) {
    long start = out.writePosition();
    // Positions count from the start of the file, and chunks are mapped at page boundaries.
    long position = RecordBytes.align(start);
    out.ensureCapacity(position + bytes);
    for (long p = start; p < position; p++) {
      out.writeByte(p, (byte) 0);
    }
    content.accept(ForeignMemory.at(out.addressForWrite(position), bytes));
    out.writePosition(position + bytes);
    end = position + bytes;
    return position;
  }

  /** Where the last record ends in the file. */
  long end() {
    return end;
  }

  /**
   * Cuts a queue that nobody writes any more to what is used, and forces it to disk.
   *
   * @param end behind its last record
   */
  public static void cut(Path folder, long end) throws IOException {
    try (FileChannel channel = FileChannel.open(folder.resolve(Queues.FILE), StandardOpenOption.WRITE)) {
      // Two pages stay after the last document, where a reader looks for the next one.
      channel.truncate(Math.min(channel.size(), (end + 8191) & -4096L));
      channel.force(true);
    }
    Path metadata = folder.resolve(Queues.METADATA);
    if (Files.exists(metadata)) {
      try (FileChannel channel = FileChannel.open(metadata, StandardOpenOption.WRITE)) {
        channel.force(true);
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
