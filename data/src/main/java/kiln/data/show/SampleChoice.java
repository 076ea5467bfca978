package kiln.data.show;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import kiln.data.Bucket;
import kiln.data.queue.BatchReader;
import kiln.data.queue.Block;

/**
 * Some samples of a data set, spread over its buckets and within them; the same for the same seed. Each bucket gives at least
 * one if there are enough to choose, and beyond that by how many it has. No sample is chosen twice.
 */
public final class SampleChoice {
  private SampleChoice() {}

  /**
   * Where a sample lies.
   *
   * @param block number of the block in the reader
   * @param index of the sample in the block
   */
  public record Place(int block, int index) {}

  /** The blocks of a bucket, in order. */
  private static final class Blocks {
    private final Bucket bucket;
    private final List<Integer> numbers = new ArrayList<>();
    private long samples;
    private long wanted;

    Blocks(Bucket bucket) {
      this.bucket = bucket;
    }
  }

  /**
   * @param wanted samples; fewer are given if there are not so many
   * @return by bucket, the largest first, in the order of the queue
   */
  public static List<Place> choose(BatchReader reader, int wanted, long seed) {
    Map<Bucket, Blocks> buckets = new LinkedHashMap<>();
    for (int i = 0; i < reader.numBlocks(); i++) {
      Block block = reader.block(i);
      Blocks blocks = buckets.computeIfAbsent(block.bucket(), Blocks::new);
      blocks.numbers.add(i);
      blocks.samples += block.distinct();
    }
    List<Blocks> largestFirst = new ArrayList<>(buckets.values());
    largestFirst.sort(
        Comparator.<Blocks>comparingLong(blocks -> -blocks.samples)
            .thenComparingInt(blocks -> blocks.bucket.height())
            .thenComparingInt(blocks -> blocks.bucket.width())
            .thenComparingInt(blocks -> blocks.bucket.captionLength()));
    share(largestFirst, wanted);
    List<Place> places = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(seed);
    for (Blocks blocks : largestFirst) {
      choose(reader, blocks, random.split(), places);
    }
    return places;
  }

  /** One for each bucket, then one by one to the bucket that has most samples for each that it gives already. */
  private static void share(List<Blocks> largestFirst, int wanted) {
    int left = wanted;
    for (Blocks blocks : largestFirst) {
      if (left > 0) {
        blocks.wanted = 1;
        left--;
      }
    }
    while (left > 0) {
      Blocks next = null;
      for (Blocks blocks : largestFirst) {
        boolean more = blocks.wanted < blocks.samples;
        if (more && (next == null || (double) blocks.samples / blocks.wanted > (double) next.samples / next.wanted)) {
          next = blocks;
        }
      }
      if (next == null) {
        return;
      }
      next.wanted++;
      left--;
    }
  }

  /** One at random of each of as many equal stretches as samples are wanted. */
  private static void choose(BatchReader reader, Blocks blocks, SplittableRandom random, List<Place> places) {
    int block = 0;
    long before = 0; // samples in the blocks before this one
    for (long i = 0; i < blocks.wanted; i++) {
      long from = blocks.samples * i / blocks.wanted;
      long to = blocks.samples * (i + 1) / blocks.wanted;
      long at = random.nextLong(from, to);
      while (at - before >= reader.block(blocks.numbers.get(block)).distinct()) {
        before += reader.block(blocks.numbers.get(block)).distinct();
        block++;
      }
      places.add(new Place(blocks.numbers.get(block), (int) (at - before)));
    }
  }
}
