package kiln.data.queue;

import static kiln.data.queue.RecordBytes.INT;
import static kiln.data.queue.RecordBytes.LONG;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import kiln.data.Bucket;
import kiln.data.BucketTable;
import kiln.data.Sample;

/**
 * A block of samples of one bucket, seen in mapped memory. Whatever it hands out are slices of that memory, read-only and valid
 * until the reader closes.
 */
public final class Block {
  private final MemorySegment memory;
  private final BlockLayout layout;
  private final int distinct;

  private Block(MemorySegment memory, BlockLayout layout, int distinct) {
    this.memory = memory;
    this.layout = layout;
    this.distinct = distinct;
  }

  /**
   * @param memory from the block's first byte to the end of what may belong to it
   */
  static Block at(MemorySegment memory) throws MalformedRecordException {
    long available = memory.byteSize();
    RecordBytes.checkStart(memory, BlockLayout.HEADER_BYTES, BlockLayout.MAGIC, BlockLayout.VERSION, "a block");
    int count = memory.get(INT, BlockLayout.AT_COUNT);
    int distinct = memory.get(INT, BlockLayout.AT_DISTINCT);
    int height = memory.get(INT, BlockLayout.AT_HEIGHT);
    int width = memory.get(INT, BlockLayout.AT_WIDTH);
    int captionLength = memory.get(INT, BlockLayout.AT_CAPTION_LENGTH);
    long captionBytes = memory.get(LONG, BlockLayout.AT_CAPTION_BYTES);
    long truthBytes = memory.get(LONG, BlockLayout.AT_TRUTH_BYTES);
    long bytes = memory.get(LONG, BlockLayout.AT_BYTES);
    boolean plausible =
        isSize(count, height, width, captionLength)
            && distinct >= 1
            && distinct <= count
            && isLength(captionBytes)
            && isLength(truthBytes)
            && memory.get(LONG, BlockLayout.AT_NUMBER) >= 0;
    if (!plausible) {
      throw new MalformedRecordException("malformed header");
    }
    BlockLayout layout = new BlockLayout(new Bucket(height, width, captionLength), count, captionBytes, truthBytes);
    if (layout.bytes != bytes) {
      throw new MalformedRecordException("malformed header: bytes=" + bytes + ", expected " + layout.bytes);
    }
    if (bytes > available) {
      throw new MalformedRecordException("truncated: " + available + " of " + bytes + " bytes");
    }
    return new Block(memory.asSlice(0, bytes, RecordBytes.ALIGNMENT).asReadOnly(), layout, distinct);
  }

  private static boolean isSize(int count, int height, int width, int captionLength) {
    int limit = 1 << 16;
    return count > 0 && count <= limit && height > 0 && height <= limit && width > 0 && width <= limit
        && captionLength > 1 && captionLength <= limit;
  }

  private static boolean isLength(long bytes) {
    return bytes >= 0 && bytes <= Integer.MAX_VALUE;
  }

  /** All of its bytes. */
  MemorySegment memory() {
    return memory;
  }

  public Bucket bucket() {
    return layout.bucket;
  }

  /** Samples in the block, repeated ones included. */
  public int count() {
    return layout.count;
  }

  /** Samples from this one on repeat earlier ones of the bucket, to fill its last block. */
  public int distinct() {
    return distinct;
  }

  /** Its place among the blocks of the split; blocks of different writers that prepare apart may have the same. */
  public long number() {
    return memory.get(LONG, BlockLayout.AT_NUMBER);
  }

  public long byteSize() {
    return layout.bytes;
  }

  /** uint8 [count, height, width, 3]. */
  public MemorySegment pixels(int first, int count) {
    return rows(layout.pixels, layout.bucket.pixelBytes(), first, count);
  }

  /** int32 [count, captionLength]. */
  public MemorySegment ids(int first, int count) {
    return rows(layout.ids, layout.bucket.tokenBytes(), first, count);
  }

  /** int32 [count, captionLength], 1 up to and including the end token. */
  public MemorySegment mask(int first, int count) {
    return rows(layout.mask, layout.bucket.tokenBytes(), first, count);
  }

  /** int64 [count]. */
  public MemorySegment sampleIds(int first, int count) {
    return rows(layout.sampleIds, Long.BYTES, first, count);
  }

  public long sampleId(int i) {
    Objects.checkIndex(i, layout.count);
    return memory.get(LONG, layout.sampleIds + (long) Long.BYTES * i);
  }

  /** The number of the source's draft that the sample was made of. */
  public long draft(int i) {
    Objects.checkIndex(i, layout.count);
    return memory.get(LONG, layout.drafts + (long) Long.BYTES * i);
  }

  public String caption(int i) {
    return new String(captionBytes(i), StandardCharsets.UTF_8);
  }

  /** The caption as it was given, which may not be UTF-8. */
  public byte[] captionBytes(int i) {
    return text(layout.captionOffsets, layout.captions, layout.truthOffsets, i);
  }

  /** What is known about the sample, as JSON. */
  public String truth(int i) {
    return new String(truthBytes(i), StandardCharsets.UTF_8);
  }

  /** The same as it was given. */
  public byte[] truthBytes(int i) {
    return text(layout.truthOffsets, layout.truths, layout.bytes, i);
  }

  /** A sample as it was when it was written; its picture is read from here. */
  Sample sample(int i) {
    BucketTable.Size size = new BucketTable.Size(layout.bucket.height(), layout.bucket.width());
    MemorySegment picture = pixels(i, 1);
    return new Sample(sampleId(i), size, target -> target.copyFrom(picture), captionBytes(i), truthBytes(i));
  }

  /** CRC-32C of the whole block, as its header has it. */
  public int checksum() {
    return memory.get(INT, BlockLayout.AT_CRC);
  }

  /** The checksum the block carries and the one its bytes have. */
  boolean checksumHolds() {
    return checksum() == BlockLayout.crc(memory);
  }

  private MemorySegment rows(long section, long rowBytes, int first, int count) {
    Objects.checkFromIndexSize(first, count, layout.count);
    return memory.asSlice(section + first * rowBytes, count * rowBytes);
  }

  private byte[] text(long offsets, long section, long end, int i) {
    Objects.checkIndex(i, layout.count);
    return RecordBytes.text(memory, offsets, section, end, i);
  }
}
