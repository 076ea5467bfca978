package kiln.data.encoded;

import java.nio.file.Path;
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
  private final byte[] key;
  private final SingleChronicleQueue queue;
  private final ExcerptAppender appender;

  /**
   * @param folder of the queue; created
   * @param key SHA-256 of source and models
   * @param largestBlock bytes, of all blocks that will be appended
   */
  public PartWriter(Path folder, byte[] key, long largestBlock) {
    this.key = key.clone();
    queue = PartQueues.forWriting(folder, largestBlock);
    appender = queue.createAppender();
  }

  /**
   * @param sourceBlock the number of {@code source} in its split
   */
  public void append(long sourceBlock, Block source, Encodings encodings) {
    EncodedBlockWriter writer = new EncodedBlockWriter(source, encodings);
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
  }

  @Override
  public void close() {
    appender.close();
    queue.close();
  }
}
