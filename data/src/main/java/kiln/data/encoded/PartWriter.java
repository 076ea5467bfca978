package kiln.data.encoded;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import kiln.bindings.FileRoom;
import kiln.bindings.ForeignMemory;
import kiln.data.queue.Block;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.wire.DocumentContext;

/**
 * One writer's part of a split: a queue of its own, to which it appends a document per block. A writer that is killed leaves
 * whole blocks and at most one torn one, which readers do not see. For one thread.
 */
public final class PartWriter implements AutoCloseable {
  /** What Chronicle writes beside blocks: two tables of 64 KiB at the beginning, and later index pages. */
  private static final long SLACK = 256 << 10;

  private final byte[] key;
  private final SingleChronicleQueue queue;
  private final ExcerptAppender appender;
  private final FileRoom room;
  private long end; // behind the last block

  /**
   * @param folder of the queue; created
   * @param key SHA-256 of source and models
   * @param largestBlock bytes, of all blocks that will be appended
   * @throws FileSystemException if there is no room
   */
  public PartWriter(Path folder, byte[] key, long largestBlock) throws IOException {
    this.key = key.clone();
    Files.createDirectories(folder);
    makeSure(folder.resolve("room"));
    queue = PartQueues.forWriting(folder, largestBlock);
    FileRoom reserved = null;
    try {
      appender = queue.createAppender();
      reserved = FileRoom.of(folder.resolve(PartQueues.FILE));
      reserved.reserve(0, SLACK);
    } catch (Throwable e) {
      queue.close();
      if (reserved != null) {
        reserved.close();
      }
      throw e;
    }
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
   * @param sourceBlock the number of {@code source} in its split
   * @throws FileSystemException if there is no room for the block; nothing of it is written then
   */
  public void append(long sourceBlock, Block source, Encodings encodings) throws IOException {
    EncodedBlockWriter writer = new EncodedBlockWriter(source, encodings);
    room.reserve(end, writer.byteSize() + SLACK); // a mapped page without room on the disk would end the process
    try (DocumentContext document = appender.writingDocument()) {
      try {
        writeInPlace(writer, sourceBlock, document.wire().bytes());
      } catch (Throwable e) {
        document.rollbackOnClose();
        throw e;
      }
    }
  }

  private void writeInPlace(EncodedBlockWriter writer, long sourceBlock, Bytes<?> out) {
    long bytes = writer.byteSize();
    long start = out.writePosition();
    // Positions count from the start of the file, and chunks are mapped at page boundaries.
    long position = EncodedLayout.align(start);
    out.ensureCapacity(position + bytes);
    for (long p = start; p < position; p++) {
      out.writeByte(p, (byte) 0);
    }
    writer.writeTo(ForeignMemory.at(out.addressForWrite(position), bytes), key, sourceBlock);
    out.writePosition(position + bytes);
    end = position + bytes;
  }

  @Override
  public void close() {
    appender.close();
    queue.close();
    room.close();
  }
}
