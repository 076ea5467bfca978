package kiln.data.encoded;

import java.nio.file.Path;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.queue.rollcycles.LegacyRollCycles;

/** How the Chronicle Queues of parts are opened: of one file each, because their clock stands still. */
final class PartQueues {
  static final String SUFFIX = ".cq4";

  /** A document's length has 30 bits (Chronicle Wire, {@code Wires.LENGTH_MASK}). */
  static final long LARGEST_RECORD = (1L << 30) - 4096;

  private static final long SMALLEST_CHUNK = 1 << 20;

  private PartQueues() {}

  /** What one writer has mapped, and so reserved, ahead of what it has written. */
  static long chunk(long largestRecord) {
    return Math.max(SMALLEST_CHUNK, Long.highestOneBit(largestRecord) << 3);
  }

  static SingleChronicleQueue forWriting(Path folder, long largestRecord) {
    return builder(folder).blockSize(chunk(largestRecord)).build();
  }

  static SingleChronicleQueue forReading(Path folder) {
    return builder(folder).readOnly(true).build();
  }

  private static SingleChronicleQueueBuilder builder(Path folder) {
    return SingleChronicleQueueBuilder.binary(folder).rollCycle(LegacyRollCycles.DAILY).timeProvider(() -> 0L);
  }
}
