package kiln.launcher.train;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import kiln.bindings.UserException;
import kiln.data.queue.BlockTable;
import kiln.data.queue.Blocks;
import kiln.data.queue.SampleOrder;
import kiln.data.queue.Schedule;
import kiln.data.queue.StagedBlocks;
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
 *
 * <p>While a step is computed, a thread brings the next one's pages into memory.
 */
final class BatchSource implements AutoCloseable {
  private final TrainingData data;
  private final Schedule schedule;
  private final int microBatch;
  private final int first;
  private final int count;
  private final long steps;
  private final ExecutorService ahead = Executors.newSingleThreadExecutor(Thread.ofPlatform().name("kiln-ahead").daemon().factory());
  private StagedBlocks staged; // null to read blocks where they are
  private Next next;

  /** What is being brought in. */
  private record Next(long step, Future<List<MicroBatch>> batches) {}

  /**
   * @throws UserException if batch or micro-batch do not divide the blocks of the data
   */
  BatchSource(TrainingData data, Schedule schedule, Preset preset, int rank, int ranks) {
    this.data = data;
    BlockTable blocks = data.blocks();
    this.schedule = schedule;
    this.microBatch = preset.microBatch();
    this.steps = preset.steps();
    if (blocks.blockSize() % microBatch != 0) {
      String expected = "a divisor of " + blocks.blockSize() + ", the block size of " + blocks.folder();
      throw new UserException("micro_batch: expected " + expected + ", found " + microBatch);
    }
    this.count = preset.microBatches() / ranks;
    this.first = rank * count;
  }

  /**
   * Copies this rank's blocks into a folder from now on, and reads them there.
   *
   * @param from the first step
   */
  void stage(Path folder, long from) {
    if (!(data.blocks() instanceof Blocks blocks)) {
      throw new UserException("option --stage: expected pictures, found latents: " + data.blocks().folder() + " is small already");
    }
    staged = new StagedBlocks(blocks, folder, this::numbers, from, steps);
  }

  /** Null if blocks are read where they are. */
  StagedBlocks staged() {
    return staged;
  }

  /** The blocks that this rank reads at {@code step}. */
  private Set<Long> numbers(long step) {
    Set<Long> numbers = new LinkedHashSet<>();
    slices(step).forEach(slice -> numbers.add(slice.block()));
    return numbers;
  }

  private List<SampleOrder.Slice> slices(long step) {
    List<SampleOrder.Slice> slices = new ArrayList<>(count);
    for (int i = first; i < first + count; i++) {
      slices.add(schedule.slice(step, i * microBatch, microBatch));
    }
    return slices;
  }

  /** What this rank computes at {@code step}: slices of mapped memory, of one shape. */
  List<MicroBatch> microBatches(long step) {
    List<MicroBatch> batches = new ArrayList<>(count);
    for (SampleOrder.Slice slice : slices(step)) {
      batches.add(
          staged == null
              ? data.microBatch(slice.block(), slice.offset(), microBatch)
              : PixelData.microBatch(staged.block(slice.block(), step), slice.offset(), microBatch));
    }
    return batches;
  }

  /** Whether the samples of a step are known, and there. */
  boolean has(long step) {
    return schedule.has(step);
  }

  /** The same, when all of it is in memory; and the next step's is sent for. */
  List<MicroBatch> take(long step) {
    List<MicroBatch> batches = next != null && next.step == step ? await(next.batches) : load(microBatches(step));
    next = null;
    if (step + 1 < steps && schedule.has(step + 1)) {
      List<MicroBatch> known = staged == null ? microBatches(step + 1) : null; // a data set that grows is for one thread
      Callable<List<MicroBatch>> work = () -> load(known == null ? microBatches(step + 1) : known);
      next = new Next(step + 1, ahead.submit(work));
    }
    return batches;
  }

  /** The first micro-batch of the step after the one that was taken last, if it is in memory; else null. */
  MicroBatch ahead() {
    return next != null && next.batches.state() == Future.State.SUCCESS ? next.batches.resultNow().getFirst() : null;
  }

  private static List<MicroBatch> await(Future<List<MicroBatch>> batches) {
    try {
      return batches.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UserException user) {
        throw user;
      }
      throw new IllegalStateException("reading data failed", e.getCause());
    }
  }

  private static List<MicroBatch> load(List<MicroBatch> batches) {
    for (MicroBatch batch : batches) {
      load(batch.pixels());
      load(batch.ids());
      load(batch.mask());
      load(batch.sampleIds());
      if (batch.encoded() != null) {
        load(batch.encoded().mean());
        load(batch.encoded().logvar());
      }
    }
    return batches;
  }

  private static void load(MemorySegment memory) {
    if (memory.isMapped()) {
      memory.load();
    }
  }

  @Override
  public void close() {
    if (staged != null) {
      staged.close();
    }
    ahead.shutdown();
    if (next != null) {
      try {
        next.batches.get(); // its memory is about to be unmapped
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (ExecutionException e) {
        // nobody wants it any more
      }
    }
  }
}
