package kiln.data.queue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kiln.bindings.UserException;
import kiln.data.Bucket;

/**
 * Which samples make up which global batch: a pure function of (seed, epoch, step), so that any number of ranks reads the same
 * batches and a resumed run goes on where the interrupted one stopped.
 *
 * <p>A global batch of {@code G} samples comes from one bucket. If {@code G} divides the block size, it is a contiguous run of
 * a block, and an epoch visits all such runs of all blocks in random order. If {@code G} is a multiple of the block size, it is
 * that many blocks, grouped at random anew in every epoch; a bucket's last group of an epoch, if blocks are missing, starts
 * again with the blocks of its first group (repeated, never dropped). Either way every sample of every block is visited in
 * every epoch.
 */
public final class SampleOrder {
  private final long seed;
  private final int globalBatch;
  private final int blockSize;
  private final List<Bucket> buckets = new ArrayList<>();
  private final List<int[]> blocksOfBucket = new ArrayList<>();
  private final long[] firstUnit;
  private final long stepsPerEpoch;

  private volatile Epoch current;

  /**
   * A contiguous run of samples.
   *
   * @param block number of the block in the reader
   * @param offset first sample in the block
   * @param count samples
   */
  public record Slice(long block, int offset, int count) {}

  /** The permutations of one epoch: of all units, and of each bucket's blocks. */
  private record Epoch(long number, Permutation units, Permutation[] blocks) {}

  /**
   * @throws UserException if the batch neither divides the block size nor is a multiple of it, or a bucket has fewer samples
   */
  public SampleOrder(long seed, BlockTable table, int globalBatch) {
    this.seed = seed;
    this.globalBatch = globalBatch;
    this.blockSize = table.blockSize();
    if (globalBatch < 1 || (blockSize % globalBatch != 0 && globalBatch % blockSize != 0)) {
      throw new UserException(
          "batch of " + globalBatch + " samples: expected a divisor or a multiple of " + blockSize
              + ", the block size of " + table.folder());
    }
    Map<Bucket, List<Integer>> blocks = new LinkedHashMap<>();
    Map<Bucket, Long> samples = new LinkedHashMap<>();
    for (int i = 0; i < table.numBlocks(); i++) {
      blocks.computeIfAbsent(table.bucket(i), _ -> new ArrayList<>()).add(i);
      samples.merge(table.bucket(i), (long) table.distinct(i), Long::sum);
    }
    firstUnit = new long[blocks.size() + 1];
    int b = 0;
    for (Map.Entry<Bucket, List<Integer>> entry : blocks.entrySet()) {
      long available = samples.get(entry.getKey());
      if (available < globalBatch) {
        throw new UserException(
            table.folder() + ": bucket " + entry.getKey() + " has " + available + " samples, fewer than one batch of "
                + globalBatch);
      }
      buckets.add(entry.getKey());
      int[] ofBucket = entry.getValue().stream().mapToInt(Integer::intValue).toArray();
      blocksOfBucket.add(ofBucket);
      firstUnit[b + 1] = firstUnit[b] + units(ofBucket.length);
      b++;
    }
    stepsPerEpoch = firstUnit[b];
  }

  private long units(int blocks) {
    return globalBatch <= blockSize
        ? (long) blocks * (blockSize / globalBatch)
        : Math.ceilDiv((long) blocks, globalBatch / blockSize);
  }

  public int globalBatch() {
    return globalBatch;
  }

  /** Global batches in an epoch. */
  public long stepsPerEpoch() {
    return stepsPerEpoch;
  }

  /** The bucket of a global batch. */
  public Bucket bucket(long epoch, long step) {
    return buckets.get(bucketOf(epoch(epoch).units.at(step)));
  }

  /**
   * Part of a global batch.
   *
   * @param step 0 .. stepsPerEpoch-1
   * @param first where in the global batch, a multiple of count
   * @param count samples, a divisor of both the global batch and the block size
   * @throws IllegalArgumentException if the part does not lie inside one block
   */
  public Slice slice(long epoch, long step, int first, int count) {
    if (count < 1 || first < 0 || first + count > globalBatch) {
      throw new IllegalArgumentException("first=" + first + " count=" + count + " globalBatch=" + globalBatch);
    }
    int run = Math.min(globalBatch, blockSize);
    if (first / run != (first + count - 1) / run) {
      throw new IllegalArgumentException("first=" + first + " count=" + count + " crosses a block of " + blockSize);
    }
    Epoch at = epoch(epoch);
    long unit = at.units.at(step);
    int b = bucketOf(unit);
    long local = unit - firstUnit[b];
    int[] blocks = blocksOfBucket.get(b);
    if (globalBatch <= blockSize) {
      int perBlock = blockSize / globalBatch;
      return new Slice(blocks[(int) (local / perBlock)], (int) (local % perBlock) * globalBatch + first, count);
    }
    long position = local * (globalBatch / blockSize) + first / blockSize;
    long block = at.blocks[b].at(position % blocks.length);
    return new Slice(blocks[(int) block], first % blockSize, count);
  }

  /** Where the sample with this number in the epoch lies, numbers counting through all global batches. */
  public Slice place(long epoch, long globalIndex) {
    return slice(epoch, globalIndex / globalBatch, (int) (globalIndex % globalBatch), 1);
  }

  private int bucketOf(long unit) {
    int b = 0;
    while (unit >= firstUnit[b + 1]) {
      b++;
    }
    return b;
  }

  private Epoch epoch(long number) {
    Epoch epoch = current;
    if (epoch == null || epoch.number != number) {
      Permutation[] blocks = new Permutation[buckets.size()];
      for (int b = 0; b < blocks.length; b++) {
        blocks[b] = new Permutation(blocksOfBucket.get(b).length, seed, number, b + 1L);
      }
      epoch = new Epoch(number, new Permutation(stepsPerEpoch, seed, number), blocks);
      current = epoch;
    }
    return epoch;
  }
}
