package kiln.data.encoded;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import kiln.data.queue.Block;
import kiln.data.queue.RecordWriter;

/**
 * One writer's part of a split: a queue of its own, to which it appends a document per block. A writer that is killed leaves
 * whole blocks and at most one torn one, which readers do not see. For one thread.
 */
public final class PartWriter implements AutoCloseable {
  private final byte[] key;
  private final RecordWriter records;

  /**
   * @param folder of the queue; created
   * @param key SHA-256 of source and models
   * @param largestBlock bytes, of all blocks that will be appended
   * @throws FileSystemException if there is no room
   */
  public PartWriter(Path folder, byte[] key, long largestBlock) throws IOException {
    this.key = key.clone();
    this.records = new RecordWriter(folder, largestBlock);
  }

  /**
   * @param sourceBlock the number of {@code source} in its split
   * @throws FileSystemException if there is no room for the block; nothing of it is written then
   */
  public void append(long sourceBlock, Block source, Encodings encodings) throws IOException {
    EncodedBlockWriter writer = new EncodedBlockWriter(source, encodings);
    records.append(writer.byteSize(), block -> writer.writeTo(block, key, sourceBlock));
  }

  @Override
  public void close() {
    records.close();
  }
}
