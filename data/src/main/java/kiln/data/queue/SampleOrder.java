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
 * again with the blocks of its first group (repeated, never dropped). A bucket that has fewer blocks than a batch repeats them.
 * Either way every sample of every block is visited in every epoch.
 *
 * <p>The first epoch may be in the {@linkplain WritingOrder order of writing} instead, for a run that began while the data set was
 * still being made.
 */
public final class SampleOrder {
  private final long seed;
  private final int globalBatch;
  private final int blockSize;
  private final List<Bucket> buckets = new ArrayList<>();
  private final List<int[]> blocksOfBucket = new ArrayList<>();
  private final long[] firstUnit;
  private final long stepsPerEpoch;
  private final WritingOrder first; // null if the first epoch is as the others
  private final long smallBuckets;

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

  /** All epochs in random order. */
  public SampleOrder(long seed, BlockTable blocks, int globalBatch) {
    this(seed, blocks, globalBatch, false);
  }

  /**
   * @param firstAsWritten whether epoch 0 is in the order of writing
   * @throws UserException if the batch neither divides the block size nor is a multiple of it, or there are fewer samples in all
   */
  public SampleOrder(long seed, BlockTable blocks, int globalBatch, boolean firstAsWritten) {
    this.seed = seed;
    this.globalBatch = globalBatch;
    this.blockSize = blocks.blockSize();
    checkBatch(blocks, globalBatch);
    Map<Bucket, List<Integer>> numbers = new LinkedHashMap<>();
    Map<Bucket, Long> samples = new LinkedHashMap<>();
    first = firstAsWritten ? new WritingOrder(globalBatch, blockSize) : null;
    for (int i = 0; i < blocks.numBlocks(); i++) {
      numbers.computeIfAbsent(blocks.bucket(i), _ -> new ArrayList<>()).add(i);
      samples.merge(blocks.bucket(i), (long) blocks.distinct(i), Long::sum);
      if (firstAsWritten) {
        first.add(blocks.bucket(i));
      }
    }
    if (firstAsWritten) {
      first.complete();
    }
    long all = samples.values().stream().mapToLong(Long::longValue).sum();
    if (all < globalBatch) {
      throw new UserException(blocks.folder() + ": " + all + " samples, fewer than one batch of " + globalBatch);
    }
    smallBuckets = samples.values().stream().filter(available -> available < globalBatch).count();
    firstUnit = new long[numbers.size() + 1];
    int b = 0;
    for (Map.Entry<Bucket, List<Integer>> entry : numbers.entrySet()) {
      buckets.add(entry.getKey());
      int[] ofBucket = entry.getValue().stream().mapToInt(Integer::intValue).toArray();
      blocksOfBucket.add(ofBucket);
      firstUnit[b + 1] = firstUnit[b] + units(ofBucket.length);
      b++;
    }
    stepsPerEpoch = firstUnit[b];
  }

  /**
   * @throws UserException if the batch neither divides the block size nor is a multiple of it
   */
  static void checkBatch(BlockTable blocks, int globalBatch) {
    int blockSize = blocks.blockSize();
    if (globalBatch < 1 || (blockSize % globalBatch != 0 && globalBatch % blockSize != 0)) {
      throw new UserException(
          "batch of " + globalBatch + " samples: expected a divisor or a multiple of " + blockSize
              + ", the block size of " + blocks.folder());
    }
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

  /** Buckets with fewer samples than a batch has, whose batches repeat them. */
  public long smallBuckets() {
    return smallBuckets;
  }

  /**
   * Part of a global batch.
   *
   * @param step 0 .. stepsPerEpoch-1
   * @param from where in the global batch, a multiple of count
   * @param count samples, a divisor of both the global batch and the block size
   * @throws IllegalArgumentException if the part does not lie inside one block
   */
  public Slice slice(long epoch, long step, int from, int count) {
    checkPart(globalBatch, blockSize, from, count);
    if (first != null && epoch == 0) {
      return first.slice(step, from, count);
    }
    Epoch at = epoch(epoch);
    long unit = at.units.at(step);
    int b = bucketOf(unit);
    long local = unit - firstUnit[b];
    int[] blocks = blocksOfBucket.get(b);
    if (globalBatch <= blockSize) {
      int perBlock = blockSize / globalBatch;
      return new Slice(blocks[(int) (local / perBlock)], (int) (local % perBlock) * globalBatch + from, count);
    }
    long position = local * (globalBatch / blockSize) + from / blockSize;
    long block = at.blocks[b].at(position % blocks.length);
    return new Slice(blocks[(int) block], from % blockSize, count);
  }

  static void checkPart(int globalBatch, int blockSize, int from, int count) {
    if (count < 1 || from < 0 || from + count > globalBatch) {
      throw new IllegalArgumentException("first=" + from + " count=" + count + " globalBatch=" + globalBatch);
    }
    int run = Math.min(globalBatch, blockSize);
    if (from / run != (from + count - 1) / run) {
      throw new IllegalArgumentException("first=" + from + " count=" + count + " crosses a block of " + blockSize);
    }
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
