package kiln.launcher.train;

import java.util.ArrayList;
import java.util.List;
import kiln.bindings.UserException;
import kiln.data.queue.BlockTable;
import kiln.data.queue.SampleOrder;
import kiln.launcher.preset.Preset;
import kiln.model.train.MicroBatch;

/**
 * The micro-batches of every step for one rank: a pure function of seed and step. A global batch is cut into micro-batches, and
 * each rank takes as many of them as every other, in order.
 *
 * <pre>
 *   global batch   | micro 0 | micro 1 | micro 2 | micro 3 |
 *   2 ranks        '----- rank 0 -----'----- rank 1 ------'
 * </pre>
 */
final class BatchSource {
  private final TrainingData data;
  private final SampleOrder order;
  private final int microBatch;
  private final int first;
  private final int count;

  /**
   * @throws UserException if batch or micro-batch do not divide the blocks of the data
   */
  BatchSource(TrainingData data, Preset preset, long seed, int rank, int ranks) {
    this.data = data;
    BlockTable blocks = data.blocks();
    this.order = new SampleOrder(seed, blocks, preset.batch());
    this.microBatch = preset.microBatch();
    if (blocks.blockSize() % microBatch != 0) {
      String divisors = "a divisor of " + blocks.blockSize() + ", the block size of " + blocks.folder();
      throw new UserException("micro_batch: expected " + divisors + ", found " + microBatch);
    }
    this.count = preset.microBatches() / ranks;
    this.first = rank * count;
  }

  /** How often all samples have been seen before {@code step}. */
  long epoch(long step) {
    return step / order.stepsPerEpoch();
  }

  /** What this rank computes at {@code step}: slices of mapped memory, of one shape. */
  List<MicroBatch> microBatches(long step) {
    List<MicroBatch> batches = new ArrayList<>(count);
    for (int i = first; i < first + count; i++) {
      SampleOrder.Slice slice = order.slice(epoch(step), step % order.stepsPerEpoch(), i * microBatch, microBatch);
      batches.add(data.microBatch(slice.block(), slice.offset(), microBatch));
    }
    return batches;
  }
}
