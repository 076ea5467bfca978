package kiln.data.encoded;

import static kiln.data.queue.RecordBytes.align;

import java.lang.foreign.MemorySegment;
import kiln.data.Bucket;
import kiln.data.queue.RecordBytes;

/**
 * Where things lie in a block of encoded samples: the {@code n} samples of one block of the source, little-endian, every
 * section starting on a multiple of 64 bytes, the gaps zero. bf16 is the upper half of an IEEE 754 float32.
 *
 * <pre>
 *    0 +--------------------------------------------------------------+
 *      | magic "KILNENC\0"                                            |  8 bytes
 *    8 +---------------------------+----------------------------------+
 *      | version int32             | count n int32                    |
 *   16 +---------------------------+----------------------------------+
 *      | distinct int32            | height H int32                   |  of the pictures, in pixels
 *   24 +---------------------------+----------------------------------+
 *      | width W int32             | caption length L int32           |
 *   32 +---------------------------+----------------------------------+
 *      | latent height h int32     | latent width w int32             |
 *   40 +---------------------------+----------------------------------+
 *      | latent channels C int32   | text width D int32               |  0 if there are no text states
 *   48 +---------------------------+----------------------------------+
 *      | number of the source's block int64                           |
 *   56 +--------------------------------------------------------------+
 *      | rows R of text states int64                                  |  all captions' tokens and 1, or 0
 *   64 +--------------------------------------------------------------+
 *      | caption bytes int64                                          |
 *   72 +--------------------------------------------------------------+
 *      | truth bytes int64                                            |
 *   80 +--------------------------------------------------------------+
 *      | bytes of the whole block int64                               |
 *   88 +---------------------------+----------------------------------+
 *      | CRC-32C int32             | zero int32                       |  of the whole block with this field zero
 *   96 +---------------------------+----------------------------------+
 *      | key, SHA-256                                                 |  of source and models, 32 bytes
 *  128 +--------------------------------------------------------------+
 *      | mean bf16 [n, h, w, C]                                       |
 *      +--------------------------------------------------------------+
 *      | logarithm of the variance bf16 [n, h, w, C]                  |
 *      +--------------------------------------------------------------+
 *      | ids int32 [n, L]                                             |
 *      +--------------------------------------------------------------+
 *      | mask int32 [n, L]                                            |
 *      +--------------------------------------------------------------+
 *      | sample ids int64 [n]                                         |
 *      +--------------------------------------------------------------+
 *      | text offsets int32 [n + 1]                                   |  caption i has the rows offsets[i] .. offsets[i + 1]
 *      +--------------------------------------------------------------+
 *      | text states bf16 [R, D]                                      |  the last row is that of the empty caption
 *      +--------------------------------------------------------------+
 *      | caption offsets int32 [n + 1]                                |
 *      +--------------------------------------------------------------+
 *      | captions UTF-8                                               |
 *      +--------------------------------------------------------------+
 *      | truth offsets int32 [n + 1]                                  |
 *      +--------------------------------------------------------------+
 *      | truths JSON, UTF-8                                           |
 *      +--------------------------------------------------------------+
 * </pre>
 *
 * <p>As in {@link kiln.data.queue}, a block is the payload of one document of a Chronicle Queue, after as many zero bytes as
 * bring it to a multiple of 64 in the file.
 */
final class EncodedLayout {
  /** Goes up whenever a reader of the old layout would misread the new one. */
  static final int VERSION = 1;

  static final long MAGIC = 0x00434E454E4C494BL;

  /** Stands where the magic bytes were if a block was found damaged: readers pass over it. */
  static final long VOID_MAGIC = 0x0044494F564C494BL;

  static final int KEY_BYTES = 32;
  static final int BF16_BYTES = 2;

  static final long AT_MAGIC = 0;
  static final long AT_VERSION = 8;
  static final long AT_COUNT = 12;
  static final long AT_DISTINCT = 16;
  static final long AT_HEIGHT = 20;
  static final long AT_WIDTH = 24;
  static final long AT_CAPTION_LENGTH = 28;
  static final long AT_LATENT_HEIGHT = 32;
  static final long AT_LATENT_WIDTH = 36;
  static final long AT_LATENT_CHANNELS = 40;
  static final long AT_TEXT_WIDTH = 44;
  static final long AT_SOURCE_BLOCK = 48;
  static final long AT_TEXT_ROWS = 56;
  static final long AT_CAPTION_BYTES = 64;
  static final long AT_TRUTH_BYTES = 72;
  static final long AT_BYTES = 80;
  static final long AT_CRC = 88;
  static final long AT_KEY = 96;
  static final long HEADER_BYTES = 128;

  final Bucket bucket;
  final EncodedShape shape;
  final int count;
  final long textRows;
  final long mean;
  final long logvar;
  final long ids;
  final long mask;
  final long sampleIds;
  final long textOffsets;
  final long text;
  final long captionOffsets;
  final long captions;
  final long truthOffsets;
  final long truths;
  final long bytes;

  EncodedLayout(Bucket bucket, EncodedShape shape, int count, long textRows, long captionBytes, long truthBytes) {
    this.bucket = bucket;
    this.shape = shape;
    this.count = count;
    this.textRows = textRows;
    mean = HEADER_BYTES;
    logvar = align(mean + count * shape.latentBytes());
    ids = align(logvar + count * shape.latentBytes());
    mask = align(ids + count * bucket.tokenBytes());
    sampleIds = align(mask + count * bucket.tokenBytes());
    textOffsets = align(sampleIds + (long) Long.BYTES * count);
    text = align(textOffsets + (shape.hasText() ? offsetBytes(count) : 0));
    captionOffsets = align(text + textRows * shape.stateBytes());
    captions = align(captionOffsets + offsetBytes(count));
    truthOffsets = align(captions + captionBytes);
    truths = align(truthOffsets + offsetBytes(count));
    bytes = align(truths + truthBytes);
  }

  private static long offsetBytes(int count) {
    return Integer.BYTES * (count + 1L);
  }

  /** The CRC-32C of a block as its header field should say. */
  static int crc(MemorySegment block) {
    return RecordBytes.crc(block, AT_CRC);
  }
}
