package kiln.data.queue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kiln.data.Bucket;

/**
 * Which samples make up which global batch of a pass in the order of writing, known as far as blocks are there: a pure function of
 * the step, whenever it is asked. There are as many steps as in any other epoch, and every block is visited.
 *
 * <p>If the global batch divides the block size, blocks are cut into batches one after the other. If it is a multiple, each bucket's
 * blocks are grouped as they come, and a batch has the place of its last block; a bucket's blocks that make no whole group come at the
 * end, filled up with the bucket's first blocks.
 */
final class WritingOrder {
  private final int globalBatch;
  private final int blockSize;
  private final Map<Bucket, List<Integer>> blocksOfBucket = new LinkedHashMap<>();
  private final List<int[]> groups = new ArrayList<>();
  private int numBlocks;

  WritingOrder(int globalBatch, int blockSize) {
    this.globalBatch = globalBatch;
    this.blockSize = blockSize;
  }

  /** The next block is of this bucket. */
  void add(Bucket bucket) {
    int number = numBlocks++;
    if (globalBatch <= blockSize) {
      return;
    }
    int perGroup = globalBatch / blockSize;
    List<Integer> all = blocksOfBucket.computeIfAbsent(bucket, _ -> new ArrayList<>());
    all.add(number);
    if (all.size() % perGroup == 0) {
      groups.add(all.subList(all.size() - perGroup, all.size()).stream().mapToInt(Integer::intValue).toArray());
    }
  }

  /** There are no more blocks. */
  void complete() {
    int perGroup = Math.max(1, globalBatch / blockSize);
    for (List<Integer> all : blocksOfBucket.values()) {
      int left = all.size() % perGroup;
      if (left > 0) {
        int[] group = new int[perGroup];
        for (int i = 0; i < perGroup; i++) {
          group[i] = i < left ? all.get(all.size() - left + i) : all.get((i - left) % all.size());
        }
        groups.add(group);
      }
    }
  }

  int numBlocks() {
    return numBlocks;
  }

  /** Batches that are known. */
  long numSteps() {
    return globalBatch <= blockSize ? (long) numBlocks * (blockSize / globalBatch) : groups.size();
  }

  /** As {@link SampleOrder#slice}, of a step that is known. */
  SampleOrder.Slice slice(long step, int first, int count) {
    if (globalBatch <= blockSize) {
      int perBlock = blockSize / globalBatch;
      return new SampleOrder.Slice(step / perBlock, (int) (step % perBlock) * globalBatch + first, count);
    }
    return new SampleOrder.Slice(groups.get(Math.toIntExact(step))[first / blockSize], first % blockSize, count);
  }
}
