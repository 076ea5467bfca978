package kiln.data.encoded;

import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.BitSet;
import java.util.function.IntFunction;
import kiln.data.queue.BatchReader;
import kiln.data.queue.Block;
import kiln.data.queue.Queues;
import kiln.data.queue.RecordWriter;

/**
 * What a split will take once it is encoded, known to the byte from the source's headers, captions and masks, but for what
 * Chronicle keeps in each queue.
 *
 * @param blockBytes of all blocks
 * @param missingBytes of those that are not there yet
 * @param largestBlock bytes
 */
public record EncodedSize(long blockBytes, long missingBytes, long largestBlock) {
  /** Two indexes and two tables of 64 KiB in each queue, and half of what its last page leaves; seen, not promised. */
  private static final long QUEUE_BYTES = 4 * (64 << 10) + 7 * 1024;

  /** A document's own length, and what brings a block to a multiple of 64. */
  private static final int DOCUMENT_BYTES = 64;

  /**
   * @param shape of a block's samples
   * @param there numbers of the blocks that need not be made
   */
  public static EncodedSize of(BatchReader source, IntFunction<EncodedShape> shape, BitSet there) {
    long all = 0;
    long missing = 0;
    long largest = 0;
    for (int i = 0; i < source.numBlocks(); i++) {
      Block block = source.block(i);
      EncodedShape encoded = shape.apply(i);
      long bytes = EncodedBlockWriter.predict(block, encoded, encoded.hasText() ? tokens(block) : new int[0]) + DOCUMENT_BYTES;
      all += bytes;
      missing += there.get(i) ? 0 : bytes;
      largest = Math.max(largest, bytes);
    }
    return new EncodedSize(all, missing, largest);
  }

  /** Tokens of every caption, the end token included. */
  public static int[] tokens(Block block) {
    int length = block.bucket().captionLength();
    int[] tokens = new int[block.count()];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = tokens(block.mask(i, 1).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asIntBuffer(), length);
    }
    return tokens;
  }

  /** How many ones a mask begins with. */
  private static int tokens(IntBuffer mask, int length) {
    int low = 0;
    int high = length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (mask.get(middle) == 1) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Whether every block fits into a document. */
  public boolean fits() {
    return largestBlock <= Queues.LARGEST_RECORD;
  }

  /** Bytes on disk once {@code parts} queues hold it. */
  public long onDisk(int parts) {
    return blockBytes + parts * QUEUE_BYTES;
  }

  /** Bytes that must be free for {@code parts} more queues to be written. */
  public long needed(int parts) {
    return missingBytes + parts * RecordWriter.SPARE_BYTES;
  }
}
