package kiln.data.queue;

import kiln.bindings.UserException;

/**
 * The global batch of every step of a run: {@link SampleOrder} epoch after epoch. If the data set is still being made, the first
 * epoch is in the {@linkplain WritingOrder order of writing}, and steps are known as far as its blocks are there; every step is the
 * same whenever it is asked for, and whether or not the data set is finished by then. For one thread while it grows.
 */
public final class Schedule {
  private final long seed;
  private final int globalBatch;
  private final boolean firstAsWritten;
  private final BlockTable blocks;
  private final GrowingBlocks growing; // null if there is nothing more to come
  private final WritingOrder writing;
  private SampleOrder order; // null while blocks are to come

  private Schedule(long seed, int globalBatch, boolean firstAsWritten, BlockTable blocks, GrowingBlocks growing) {
    this.seed = seed;
    this.globalBatch = globalBatch;
    this.firstAsWritten = firstAsWritten;
    this.blocks = blocks;
    this.growing = growing;
    this.writing = growing == null ? null : new WritingOrder(globalBatch, blocks.blockSize());
  }

  /**
   * Of a data set that is finished.
   *
   * @param firstAsWritten whether epoch 0 is in the order of writing
   * @throws UserException if the batch does not fit the blocks
   */
  public static Schedule of(long seed, BlockTable blocks, int globalBatch, boolean firstAsWritten) {
    Schedule schedule = new Schedule(seed, globalBatch, firstAsWritten, blocks, null);
    schedule.order = new SampleOrder(seed, blocks, globalBatch, firstAsWritten);
    return schedule;
  }

  /**
   * Of one that may still be growing.
   *
   * @throws UserException if the batch does not fit the blocks
   */
  public static Schedule following(long seed, GrowingBlocks blocks, int globalBatch) {
    SampleOrder.checkBatch(blocks, globalBatch);
    Schedule schedule = new Schedule(seed, globalBatch, true, blocks, blocks);
    schedule.take();
    return schedule;
  }

  /** Looks for blocks that have been written since. */
  public void refresh() {
    if (!isComplete()) {
      growing.poll();
      take();
    }
  }

  private void take() {
    while (writing.numBlocks() < growing.numBlocks()) {
      writing.add(growing.block(writing.numBlocks()).bucket());
    }
    if (growing.isComplete()) {
      order = new SampleOrder(seed, growing, globalBatch, true);
    }
  }

  /** Whether no more blocks are to come. */
  public boolean isComplete() {
    return order != null;
  }

  /** Whether the samples of a step are known, and there. */
  public boolean has(long step) {
    return isComplete() || step < writing.numSteps();
  }

  /** How often all samples have been seen before {@code step}. */
  public long epoch(long step) {
    return isComplete() ? step / order.stepsPerEpoch() : 0;
  }

  /** Steps of its epoch before {@code step}. */
  public long stepInEpoch(long step) {
    return isComplete() ? step % order.stepsPerEpoch() : step;
  }

  /**
   * Part of the global batch of a step that is known.
   *
   * @param from where in the global batch, a multiple of count
   * @param count samples, a divisor of both the global batch and the block size
   */
  public SampleOrder.Slice slice(long step, int from, int count) {
    if (isComplete()) {
      return order.slice(epoch(step), stepInEpoch(step), from, count);
    }
    SampleOrder.checkPart(globalBatch, blocks.blockSize(), from, count);
    return writing.slice(step, from, count);
  }

  /** Whether epoch 0 is in the order of writing. */
  public boolean firstAsWritten() {
    return firstAsWritten;
  }

  /** Buckets with fewer samples than a batch has, whose batches repeat them; 0 while blocks are to come. */
  public long smallBuckets() {
    return isComplete() ? order.smallBuckets() : 0;
  }

  /** To be compared over ranks; another one when the data set is finished. */
  public long hash() {
    return isComplete()
        ? ScheduleHash.of(seed, globalBatch, firstAsWritten, blocks)
        : ScheduleHash.of(seed, globalBatch, growing.preparation());
  }

  /**
   * Bytes of the blocks that all steps before {@code step} have used, in the order of writing; all that are there if the next step is
   * not known, because then they are not enough. Of a data set that may be growing.
   */
  public long bytesRead(long step) {
    int end = blocks.numBlocks();
    if (has(step)) {
      end = step == 0 ? 0 : (int) slice(step - 1, globalBatch - 1, 1).block() + 1;
    }
    long bytes = 0;
    for (int i = 0; i < Math.min(end, blocks.numBlocks()); i++) {
      bytes += growing.block(i).byteSize();
    }
    return bytes;
  }
}
