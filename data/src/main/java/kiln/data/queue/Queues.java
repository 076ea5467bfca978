package kiln.data.queue;

import java.nio.file.Path;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.rollcycles.LegacyRollCycles;

/** How Kiln opens Chronicle Queues. */
public final class Queues {
  /** The documents: the file of the day at which the clock stands still. */
  public static final String FILE = "19700101.cq4";

  /** What Chronicle notes about the queue; Kiln does not read it. */
  static final String METADATA = "metadata.cq4t";

  /** A document's length has 30 bits (Chronicle Wire, {@code Wires.LENGTH_MASK}). */
  public static final long LARGEST_RECORD = (1L << 30) - 4096;

  private static final long SMALLEST_CHUNK = 1 << 20;

  private Queues() {}

  /**
   * A queue of one file: its clock stands still, so it never rolls over to the file of the next day, and the same data set
   * always has the same file names.
   *
   * @param largestRecord bytes; the mapped chunk is well above it, because a document must fit in a quarter of a chunk
   */
  static SingleChronicleQueue forWriting(Path folder, long largestRecord) {
    long chunk = Math.max(SMALLEST_CHUNK, Long.highestOneBit(largestRecord) << 3);
    return SingleChronicleQueueBuilder.binary(folder)
        .rollCycle(LegacyRollCycles.DAILY)
        .timeProvider(() -> 0L)
        .blockSize(chunk)
        .build();
  }
}
