package kiln.data.encoded;

import static kiln.data.queue.RecordBytes.INT;
import static kiln.data.queue.RecordBytes.LONG;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import kiln.data.Bucket;
import kiln.data.queue.MalformedRecordException;
import kiln.data.queue.RecordBytes;

/**
 * A block of encoded samples, seen in mapped memory. Whatever it hands out are slices of that memory, read-only and valid until
 * the reader closes.
 */
public final class EncodedBlock {
  private final MemorySegment memory;
  private final EncodedLayout layout;

  private EncodedBlock(MemorySegment memory, EncodedLayout layout) {
    this.memory = memory;
    this.layout = layout;
  }

  /**
   * @param memory from the block's first byte to the end of what may belong to it
   */
  static EncodedBlock at(MemorySegment memory) throws MalformedRecordException {
    long available = memory.byteSize();
    RecordBytes.checkStart(memory, EncodedLayout.HEADER_BYTES, EncodedLayout.MAGIC, EncodedLayout.VERSION, "a block of encoded samples");
    EncodedLayout layout;
    try {
      layout = layout(memory);
    } catch (IllegalArgumentException e) {
      throw new MalformedRecordException("malformed header: " + e.getMessage());
    }
    long bytes = memory.get(LONG, EncodedLayout.AT_BYTES);
    int distinct = memory.get(INT, EncodedLayout.AT_DISTINCT);
    if (layout.bytes != bytes || distinct < 1 || distinct > layout.count) {
      throw new MalformedRecordException("malformed header: bytes=" + bytes + ", expected " + layout.bytes);
    }
    if (bytes > available) {
      throw new MalformedRecordException("truncated: " + available + " of " + bytes + " bytes");
    }
    return new EncodedBlock(memory.asSlice(0, bytes, RecordBytes.ALIGNMENT).asReadOnly(), layout);
  }

  private static EncodedLayout layout(MemorySegment memory) {
    EncodedShape shape =
        new EncodedShape(
            memory.get(INT, EncodedLayout.AT_LATENT_HEIGHT),
            memory.get(INT, EncodedLayout.AT_LATENT_WIDTH),
            memory.get(INT, EncodedLayout.AT_LATENT_CHANNELS),
            memory.get(INT, EncodedLayout.AT_TEXT_WIDTH));
    long textRows = length(memory, EncodedLayout.AT_TEXT_ROWS);
    if (shape.hasText() == (textRows == 0)) {
      throw new IllegalArgumentException("found " + textRows + " rows of text states, " + shape.textWidth() + " wide");
    }
    return new EncodedLayout(
        new Bucket(
            size(memory, EncodedLayout.AT_HEIGHT), size(memory, EncodedLayout.AT_WIDTH),
            size(memory, EncodedLayout.AT_CAPTION_LENGTH)),
        shape,
        size(memory, EncodedLayout.AT_COUNT),
        textRows,
        length(memory, EncodedLayout.AT_CAPTION_BYTES),
        length(memory, EncodedLayout.AT_TRUTH_BYTES));
  }

  private static int size(MemorySegment memory, long at) {
    int size = memory.get(INT, at);
    if (size < 1 || size > 1 << 16) {
      throw new IllegalArgumentException("found " + size + " at byte " + at);
    }
    return size;
  }

  private static long length(MemorySegment memory, long at) {
    long length = memory.get(LONG, at);
    if (length < 0 || length > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("found " + length + " at byte " + at);
    }
    return length;
  }

  /** Whether the memory holds a block that was found damaged and given up. */
  static boolean isVoid(MemorySegment memory) {
    return memory.byteSize() >= Long.BYTES && memory.get(LONG, EncodedLayout.AT_MAGIC) == EncodedLayout.VOID_MAGIC;
  }

  public Bucket bucket() {
    return layout.bucket;
  }

  public EncodedShape shape() {
    return layout.shape;
  }

  /** Samples in the block, repeated ones included. */
  public int count() {
    return layout.count;
  }

  /** Samples from this one on repeat earlier ones of the bucket. */
  public int distinct() {
    return memory.get(INT, EncodedLayout.AT_DISTINCT);
  }

  /** The number of the block in the source's split whose samples these are. */
  public long sourceBlock() {
    return memory.get(LONG, EncodedLayout.AT_SOURCE_BLOCK);
  }

  public long byteSize() {
    return layout.bytes;
  }

  /** SHA-256 of source and models. */
  byte[] key() {
    return memory.asSlice(EncodedLayout.AT_KEY, EncodedLayout.KEY_BYTES).toArray(ValueLayout.JAVA_BYTE);
  }

  /** bf16 [count, latentHeight, latentWidth, latentChannels], not scaled. */
  public MemorySegment mean(int first, int count) {
    return rows(layout.mean, layout.shape.latentBytes(), first, count);
  }

  /** Logarithm of the variance, of the same shape as {@link #mean}. */
  public MemorySegment logvar(int first, int count) {
    return rows(layout.logvar, layout.shape.latentBytes(), first, count);
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

  /** int32 [count + 1]: sample {@code first + i} has the rows {@code [i] .. [i + 1]} of {@link #textStates}. */
  public MemorySegment textOffsets(int first, int count) {
    requireText();
    Objects.checkFromIndexSize(first, count, layout.count);
    return memory.asSlice(layout.textOffsets + (long) Integer.BYTES * first, Integer.BYTES * (count + 1L));
  }

  /** bf16 [rows, textWidth]: the states of all captions' tokens, without padding. */
  public MemorySegment textStates() {
    requireText();
    return memory.asSlice(layout.text, (layout.textRows - 1) * layout.shape.stateBytes());
  }

  /** bf16 [textWidth]: the state of the empty caption's only token. */
  public MemorySegment emptyTextState() {
    requireText();
    long bytes = layout.shape.stateBytes();
    return memory.asSlice(layout.text + (layout.textRows - 1) * bytes, bytes);
  }

  private void requireText() {
    if (!layout.shape.hasText()) {
      throw new IllegalStateException("the block has no text states");
    }
  }

  public String caption(int i) {
    return text(layout.captionOffsets, layout.captions, layout.truthOffsets, i);
  }

  /** What is known about the sample, as JSON. */
  public String truth(int i) {
    return text(layout.truthOffsets, layout.truths, layout.bytes, i);
  }

  /** CRC-32C of the whole block, as its header has it. */
  int checksum() {
    return memory.get(INT, EncodedLayout.AT_CRC);
  }

  /** Whether the checksum the block carries is the one its bytes have. */
  boolean checksumHolds() {
    return checksum() == EncodedLayout.crc(memory);
  }

  private MemorySegment rows(long section, long rowBytes, int first, int count) {
    Objects.checkFromIndexSize(first, count, layout.count);
    return memory.asSlice(section + first * rowBytes, count * rowBytes);
  }

  private String text(long offsets, long section, long end, int i) {
    Objects.checkIndex(i, layout.count);
    return new String(RecordBytes.text(memory, offsets, section, end, i), StandardCharsets.UTF_8);
  }
}
