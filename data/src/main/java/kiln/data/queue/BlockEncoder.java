package kiln.data.queue;

import static kiln.data.queue.RecordBytes.INT;
import static kiln.data.queue.RecordBytes.LONG;

import java.lang.foreign.MemorySegment;
import java.util.List;
import kiln.data.Bucket;
import kiln.data.Sample;
import kiln.data.text.ByT5Tokenizer;

/** Writes samples as a block; pictures are produced in place. */
final class BlockEncoder {
  /** A sample and the number of the draft that it was made of. */
  record Numbered(long draft, Sample sample) {}

  private final long number;
  private final List<Numbered> samples;
  private final int distinct;
  private final BlockLayout layout;

  /**
   * @param number the block's place among those of the split
   * @param distinct how many of the samples, counted from the first, do not repeat earlier ones
   */
  BlockEncoder(long number, Bucket bucket, List<Numbered> samples, int distinct) {
    this.number = number;
    this.samples = samples;
    this.distinct = distinct;
    long captionBytes = 0;
    long truthBytes = 0;
    for (Numbered each : samples) {
      captionBytes += each.sample.caption().length;
      truthBytes += each.sample.truth().length;
    }
    layout = new BlockLayout(bucket, samples.size(), captionBytes, truthBytes);
    this.captionBytes = captionBytes;
    this.truthBytes = truthBytes;
  }

  private final long captionBytes;
  private final long truthBytes;

  long byteSize() {
    return layout.bytes;
  }

  /**
   * @param block zeroed or not, exactly {@link #byteSize} bytes, aligned to 64
   */
  void writeTo(MemorySegment block) {
    block.fill((byte) 0);
    writeHeader(block);
    Bucket bucket = layout.bucket;
    int captionAt = 0;
    int truthAt = 0;
    for (int i = 0; i < samples.size(); i++) {
      Sample sample = samples.get(i).sample;
      sample.pixels().writeTo(block.asSlice(layout.pixels + i * bucket.pixelBytes(), bucket.pixelBytes()));
      ByT5Tokenizer.encode(
          sample.caption(),
          block.asSlice(layout.ids + i * bucket.tokenBytes(), bucket.tokenBytes()),
          block.asSlice(layout.mask + i * bucket.tokenBytes(), bucket.tokenBytes()));
      block.set(LONG, layout.sampleIds + (long) Long.BYTES * i, sample.id());
      block.set(LONG, layout.drafts + (long) Long.BYTES * i, samples.get(i).draft);
      captionAt = append(block, layout.captionOffsets, layout.captions, i, captionAt, sample.caption());
      truthAt = append(block, layout.truthOffsets, layout.truths, i, truthAt, sample.truth());
    }
    block.set(INT, BlockLayout.AT_CRC, BlockLayout.crc(block));
  }

  private void writeHeader(MemorySegment block) {
    Bucket bucket = layout.bucket;
    block.set(LONG, BlockLayout.AT_MAGIC, BlockLayout.MAGIC);
    block.set(INT, BlockLayout.AT_VERSION, BlockLayout.VERSION);
    block.set(INT, BlockLayout.AT_COUNT, samples.size());
    block.set(INT, BlockLayout.AT_DISTINCT, distinct);
    block.set(INT, BlockLayout.AT_HEIGHT, bucket.height());
    block.set(INT, BlockLayout.AT_WIDTH, bucket.width());
    block.set(INT, BlockLayout.AT_CAPTION_LENGTH, bucket.captionLength());
    block.set(LONG, BlockLayout.AT_CAPTION_BYTES, captionBytes);
    block.set(LONG, BlockLayout.AT_TRUTH_BYTES, truthBytes);
    block.set(LONG, BlockLayout.AT_BYTES, layout.bytes);
    block.set(LONG, BlockLayout.AT_NUMBER, number);
  }

  private static int append(MemorySegment block, long offsets, long section, int i, int at, byte[] text) {
    MemorySegment.copy(MemorySegment.ofArray(text), 0, block, section + at, text.length);
    int end = at + text.length;
    block.set(INT, offsets + Integer.BYTES * (i + 1L), end);
    return end;
  }
}
