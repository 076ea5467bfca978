package kiln.data.queue;

import static kiln.data.queue.RecordBytes.align;

import java.lang.foreign.MemorySegment;
import kiln.data.Bucket;

/**
 * Where things lie in a block: {@code n} samples of one bucket, little-endian, every section starting on a multiple of 64
 * bytes, the gaps zero.
 *
 * <pre>
 *    0 +--------------------------------------------------------------+
 *      | magic "KILNBLK\0"                                            |  8 bytes
 *    8 +---------------------------+----------------------------------+
 *      | version int32             | count n int32                    |
 *   16 +---------------------------+----------------------------------+
 *      | distinct int32            | height H int32                   |  samples from "distinct" on repeat others
 *   24 +---------------------------+----------------------------------+
 *      | width W int32             | caption length L int32           |
 *   32 +---------------------------+----------------------------------+
 *      | caption bytes C int64                                        |
 *   40 +--------------------------------------------------------------+
 *      | truth bytes T int64                                          |
 *   48 +--------------------------------------------------------------+
 *      | bytes of the whole block int64                               |
 *   56 +---------------------------+----------------------------------+
 *      | CRC-32C int32             | zero int32                       |  of the whole block with this field zero
 *   64 +---------------------------+----------------------------------+
 *      | number int64                                                 |  place among the blocks of the split
 *   72 +--------------------------------------------------------------+
 *      | zero                                                         |  56 bytes
 *  128 +--------------------------------------------------------------+
 *      | pixels uint8 [n, H, W, 3]                                    |
 *      +--------------------------------------------------------------+
 *      | ids int32 [n, L]                                             |
 *      +--------------------------------------------------------------+
 *      | mask int32 [n, L]                                            |
 *      +--------------------------------------------------------------+
 *      | sample ids int64 [n]                                         |
 *      +--------------------------------------------------------------+
 *      | draft numbers int64 [n]                                      |  which drafts of the source they were made of
 *      +--------------------------------------------------------------+
 *      | caption offsets int32 [n + 1]                                |  caption i is offsets[i] .. offsets[i + 1]
 *      +--------------------------------------------------------------+
 *      | captions UTF-8 [C]                                           |
 *      +--------------------------------------------------------------+
 *      | truth offsets int32 [n + 1]                                  |
 *      +--------------------------------------------------------------+
 *      | truths JSON, UTF-8 [T]                                       |
 *      +--------------------------------------------------------------+
 * </pre>
 *
 * <p>A block is the payload of one document of a Chronicle Queue, after as many zero bytes as bring it to a multiple of 64 in
 * the file, and so in memory wherever the file is mapped.
 */
final class BlockLayout {
  /** Goes up whenever a reader of the old layout would misread the new one. */
  static final int VERSION = 2;

  static final long MAGIC = 0x004B4C424E4C494BL;

  static final long AT_MAGIC = 0;
  static final long AT_VERSION = 8;
  static final long AT_COUNT = 12;
  static final long AT_DISTINCT = 16;
  static final long AT_HEIGHT = 20;
  static final long AT_WIDTH = 24;
  static final long AT_CAPTION_LENGTH = 28;
  static final long AT_CAPTION_BYTES = 32;
  static final long AT_TRUTH_BYTES = 40;
  static final long AT_BYTES = 48;
  static final long AT_CRC = 56;
  static final long AT_NUMBER = 64;
  static final long HEADER_BYTES = 128;

  final Bucket bucket;
  final int count;
  final long pixels;
  final long ids;
  final long mask;
  final long sampleIds;
  final long drafts;
  final long captionOffsets;
  final long captions;
  final long truthOffsets;
  final long truths;
  final long bytes;

  BlockLayout(Bucket bucket, int count, long captionBytes, long truthBytes) {
    this.bucket = bucket;
    this.count = count;
    pixels = HEADER_BYTES;
    ids = align(pixels + count * bucket.pixelBytes());
    mask = align(ids + count * bucket.tokenBytes());
    sampleIds = align(mask + count * bucket.tokenBytes());
    drafts = align(sampleIds + (long) Long.BYTES * count);
    captionOffsets = align(drafts + (long) Long.BYTES * count);
    captions = align(captionOffsets + Integer.BYTES * (count + 1L));
    truthOffsets = align(captions + captionBytes);
    truths = align(truthOffsets + Integer.BYTES * (count + 1L));
    bytes = align(truths + truthBytes);
  }

  /** The CRC-32C of a block as its header field should say. */
  static int crc(MemorySegment block) {
    return RecordBytes.crc(block, AT_CRC);
  }
}
