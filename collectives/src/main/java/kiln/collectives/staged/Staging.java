package kiln.collectives.staged;

import java.util.ArrayDeque;
import kiln.bindings.cuda.CudaStream;
import kiln.bindings.cuda.DeviceQueue;
import kiln.collectives.Collective;
import kiln.collectives.Communicator;
import kiln.collectives.Pending;

/**
 * Carries chunks from the device, between ranks and back, each step beside those of the chunks before and after. One thread at a time.
 *
 * <pre>
 *   from the device  | 0 | 1 | 2 | 3 | 4 |
 *   between ranks        | 0 | 1 | 2 | 3 | 4 |
 *   to the device            | 0 | 1 | 2 | 3 | 4 |
 * </pre>
 */
final class Staging implements AutoCloseable {
  private final Communicator ranks;
  private final DeviceQueue queue;
  private CudaStream down; // these three: null until they are needed
  private CudaStream up;
  private PinnedChunks chunks;

  Staging(Communicator ranks, DeviceQueue queue) {
    this.ranks = ranks;
    this.queue = queue;
  }

  /** Does an operation; when this returns, its last copies are queued. */
  void execute(Collective collective, StagedPending pending) {
    queue.context().makeCurrent();
    if (chunks == null) {
      down = new CudaStream(queue.context().highestPriority());
      up = new CudaStream(queue.context().highestPriority());
      chunks = new PinnedChunks();
    }
    pending.orderBefore(down);
    ChunkedCollective parts = new ChunkedCollective(collective, ranks.rank(), ranks.size(), PinnedChunks.BYTES);
    ArrayDeque<Pending> between = new ArrayDeque<>();
    try {
      long number = parts.numChunks();
      for (long step = 0; step < number + 2; step++) {
        if (step < number) {
          load(parts, step);
        }
        if (step >= 1 && step - 1 < number) {
          chunks.loaded(step - 1).synchronize();
          between.add(ranks.start(parts.operation(step - 1, chunks.place(step - 1))));
        }
        if (step >= 2) {
          between.remove().await();
          parts.store(step - 2, chunks.place(step - 2), up);
          chunks.stored(step - 2).record(up);
        }
      }
    } catch (RuntimeException e) {
      awaitAll(between, e);
      throw e;
    }
    pending.recordEnd(up);
  }

  private void load(ChunkedCollective parts, long chunk) {
    chunks.stored(chunk).synchronize(); // that of the chunk that was last in this place
    parts.load(chunk, chunks.place(chunk), down);
    chunks.loaded(chunk).record(down);
  }

  /** Nobody is at work on the chunks any more when this returns. */
  private static void awaitAll(ArrayDeque<Pending> between, RuntimeException failure) {
    for (Pending operation : between) {
      try {
        operation.await();
      } catch (RuntimeException e) {
        failure.addSuppressed(e);
      }
    }
  }

  @Override
  public void close() {
    if (chunks != null) {
      queue.context().makeCurrent();
      down.synchronize();
      up.synchronize();
      chunks.close();
      down.close();
      up.close();
      chunks = null;
    }
  }
}
