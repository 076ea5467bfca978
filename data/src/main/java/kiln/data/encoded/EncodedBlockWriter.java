package kiln.data.encoded;

import static kiln.data.queue.RecordBytes.INT;
import static kiln.data.queue.RecordBytes.LONG;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;
import kiln.data.queue.Block;

/** Writes one block of encoded samples: what the networks made of a source's block, and what that says beside pixels. */
final class EncodedBlockWriter {
  private final Block source;
  private final Encodings encodings;
  private final byte[][] captions;
  private final byte[][] truths;
  private final EncodedLayout layout;

  EncodedBlockWriter(Block source, Encodings encodings) {
    this.source = source;
    this.encodings = encodings;
    captions = texts(source.count(), source::caption);
    truths = texts(source.count(), source::truth);
    layout = layout(source, encodings.shape(), encodings.textRows(), length(captions), length(truths));
  }

  private static EncodedLayout layout(Block source, EncodedShape shape, long textRows, long captionBytes, long truthBytes) {
    return new EncodedLayout(source.bucket(), shape, source.count(), textRows, captionBytes, truthBytes);
  }

  /** What the block will take, before there is anything to write. */
  static long predict(Block source, EncodedShape shape, int[] tokens) {
    long captionBytes = length(texts(source.count(), source::caption));
    long truthBytes = length(texts(source.count(), source::truth));
    return layout(source, shape, Encodings.rows(shape, tokens), captionBytes, truthBytes).bytes;
  }

  private static byte[][] texts(int count, IntFunction<String> text) {
    byte[][] texts = new byte[count][];
    for (int i = 0; i < count; i++) {
      texts[i] = text.apply(i).getBytes(StandardCharsets.UTF_8);
    }
    return texts;
  }

  private static long length(byte[][] texts) {
    long length = 0;
    for (byte[] text : texts) {
      length += text.length;
    }
    return length;
  }

  long byteSize() {
    return layout.bytes;
  }

  /**
   * @param block zeroed or not, exactly {@link #byteSize} bytes, aligned to 64
   * @param key SHA-256 of source and models
   * @param sourceBlock the number of the source's block
   */
  void writeTo(MemorySegment block, byte[] key, long sourceBlock) {
    block.fill((byte) 0);
    writeHeader(block, key, sourceBlock);
    int n = source.count();
    copy(encodings.mean(), block, layout.mean);
    copy(encodings.logvar(), block, layout.logvar);
    copy(source.ids(0, n), block, layout.ids);
    copy(source.mask(0, n), block, layout.mask);
    copy(source.sampleIds(0, n), block, layout.sampleIds);
    if (layout.shape.hasText()) {
      int row = 0;
      for (int i = 0; i < n; i++) {
        row += encodings.tokens()[i];
        block.set(INT, layout.textOffsets + Integer.BYTES * (i + 1L), row);
      }
      copy(encodings.text(), block, layout.text);
    }
    append(captions, block, layout.captionOffsets, layout.captions);
    append(truths, block, layout.truthOffsets, layout.truths);
    block.set(INT, EncodedLayout.AT_CRC, EncodedLayout.crc(block));
  }

  private static void copy(MemorySegment from, MemorySegment block, long at) {
    MemorySegment.copy(from, 0, block, at, from.byteSize());
  }

  private void writeHeader(MemorySegment block, byte[] key, long sourceBlock) {
    block.set(LONG, EncodedLayout.AT_MAGIC, EncodedLayout.MAGIC);
    block.set(INT, EncodedLayout.AT_VERSION, EncodedLayout.VERSION);
    block.set(INT, EncodedLayout.AT_COUNT, source.count());
    block.set(INT, EncodedLayout.AT_DISTINCT, source.distinct());
    block.set(INT, EncodedLayout.AT_HEIGHT, layout.bucket.height());
    block.set(INT, EncodedLayout.AT_WIDTH, layout.bucket.width());
    block.set(INT, EncodedLayout.AT_CAPTION_LENGTH, layout.bucket.captionLength());
    block.set(INT, EncodedLayout.AT_LATENT_HEIGHT, layout.shape.latentHeight());
    block.set(INT, EncodedLayout.AT_LATENT_WIDTH, layout.shape.latentWidth());
    block.set(INT, EncodedLayout.AT_LATENT_CHANNELS, layout.shape.latentChannels());
    block.set(INT, EncodedLayout.AT_TEXT_WIDTH, layout.shape.textWidth());
    block.set(LONG, EncodedLayout.AT_SOURCE_BLOCK, sourceBlock);
    block.set(LONG, EncodedLayout.AT_TEXT_ROWS, layout.textRows);
    block.set(LONG, EncodedLayout.AT_CAPTION_BYTES, length(captions));
    block.set(LONG, EncodedLayout.AT_TRUTH_BYTES, length(truths));
    block.set(LONG, EncodedLayout.AT_BYTES, layout.bytes);
    MemorySegment.copy(MemorySegment.ofArray(key), 0, block, EncodedLayout.AT_KEY, EncodedLayout.KEY_BYTES);
  }

  private static void append(byte[][] texts, MemorySegment block, long offsets, long section) {
    int at = 0;
    for (int i = 0; i < texts.length; i++) {
      MemorySegment.copy(MemorySegment.ofArray(texts[i]), 0, block, section + at, texts[i].length);
      at += texts[i].length;
      block.set(INT, offsets + Integer.BYTES * (i + 1L), at);
    }
  }
}
