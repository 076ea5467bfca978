package kiln.data.show;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kiln.data.Bucket;
import kiln.data.queue.BatchReader;
import kiln.data.queue.Block;
import kiln.data.queue.Split;

/**
 * Reads a split once, block by block, and keeps nothing but counts: about 80 MB at most, however large the data set is. Of
 * pictures, which are nearly all of a data set, no more bytes are read than asked for: all, or those of every second, third …
 * block.
 */
public final class StatisticsReader {
  /** Different pictures, and different captions, that are told apart exactly. */
  static final int MOST_CONTENTS = 1 << 20;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final BatchReader reader;
  private final Map<Bucket, Use> buckets = new LinkedHashMap<>();
  private final CaptionCounts captions = new CaptionCounts();
  private final TruthCounts truths = new TruthCounts();
  private final CopyCounter pictures = new CopyCounter(MOST_CONTENTS);
  private final CopyCounter texts = new CopyCounter(MOST_CONTENTS);

  /** Of one bucket so far. */
  private static final class Use {
    private long samples;
    private long repeated;
    private long blocks;
    private long tokens;
    private long cut;

    BucketUse of(Bucket bucket) {
      return new BucketUse(
          bucket.height(),
          bucket.width(),
          bucket.captionLength(),
          samples,
          repeated,
          blocks,
          tokens,
          padding(tokens, samples * bucket.captionLength()),
          cut);
    }
  }

  private StatisticsReader(BatchReader reader) {
    this.reader = reader;
  }

  /**
   * @param split the one that the reader has opened
   * @param pictureBytes of pixels that may be read to find equal pictures
   */
  public static DatasetStatistics read(BatchReader reader, Split split, long pictureBytes) {
    return new StatisticsReader(reader).read(split, pictureBytes);
  }

  private DatasetStatistics read(Split split, long pictureBytes) {
    long pixels = 0;
    for (int i = 0; i < reader.numBlocks(); i++) {
      Block block = reader.block(i);
      pixels += block.distinct() * block.bucket().pixelBytes();
    }
    long every = pictureBytes < 1 ? Long.MAX_VALUE : Math.max(1, Math.ceilDiv(pixels, pictureBytes));
    for (int i = 0; i < reader.numBlocks(); i++) {
      add(reader.block(i), pictureBytes >= 1 && i % every == 0);
    }
    return summary(split);
  }

  private void add(Block block, boolean readPictures) {
    Bucket bucket = block.bucket();
    Use use = buckets.computeIfAbsent(bucket, _ -> new Use());
    use.samples += block.distinct();
    use.repeated += block.count() - block.distinct();
    use.blocks++;
    for (int i = 0; i < block.distinct(); i++) {
      byte[] caption = block.captionBytes(i);
      captions.add(caption);
      truths.add(block.truthBytes(i), bucket);
      texts.add(ContentHash.of(caption));
      if (readPictures) {
        pictures.add(pictureHash(block, i));
      }
      long tokens = tokens(block, i);
      use.tokens += tokens;
      use.cut += tokens <= caption.length ? 1 : 0;
    }
  }

  /** Pictures of different shapes are never the same. */
  private static long pictureHash(Block block, int i) {
    return ContentHash.of(block.pixels(i, 1)) + block.bucket().width() * 0xC2B2AE3D27D4EB4FL;
  }

  /** Tokens of a sample's caption in its bucket, the end token included: one for each byte that is kept. */
  public static int tokens(Block block, int i) {
    MemorySegment mask = block.mask(i, 1);
    int tokens = 0;
    for (long at = 0; at < mask.byteSize(); at += Integer.BYTES) {
      tokens += mask.get(INT, at) == 0 ? 0 : 1;
    }
    return tokens;
  }

  private DatasetStatistics summary(Split split) {
    List<BucketUse> uses = new ArrayList<>();
    long samples = 0;
    long repeated = 0;
    long tokens = 0;
    long places = 0;
    long cut = 0;
    for (Map.Entry<Bucket, Use> entry : buckets.entrySet()) {
      Use use = entry.getValue();
      uses.add(use.of(entry.getKey()));
      samples += use.samples;
      repeated += use.repeated;
      tokens += use.tokens;
      places += use.samples * entry.getKey().captionLength();
      cut += use.cut;
    }
    uses.sort(
        Comparator.comparingLong(BucketUse::samples)
            .reversed()
            .thenComparing(BucketUse::height)
            .thenComparing(BucketUse::width)
            .thenComparing(BucketUse::captionLength));
    return new DatasetStatistics(
        split.folder(),
        samples,
        repeated,
        uses,
        padding(tokens, places),
        captions.summary(cut),
        truths.summary(),
        pictures.summary(),
        texts.summary());
  }

  private static double padding(long tokens, long places) {
    return places == 0 ? 0 : 1 - (double) tokens / places;
  }
}
