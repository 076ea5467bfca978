package kiln.launcher.train;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.collectives.Reduction;

/**
 * The little that ranks tell each other at the end of every step, in one all-reduce. A request to stop travels with it, so that
 * all ranks stop after the same step, whichever of them was asked.
 *
 * <pre>
 *   float32 | mean loss of this rank | 1 if it was asked to stop | megabytes of memory |
 * </pre>
 */
final class StepTotals implements AutoCloseable {
  private static final int LOSS = 0;
  private static final int STOP = 1;
  private static final int MEMORY = 2;
  private static final int FIELDS = 3;

  private final Communicator communicator;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment fields = arena.allocate(ValueLayout.JAVA_FLOAT, FIELDS);

  StepTotals(Communicator communicator) {
    this.communicator = communicator;
  }

  /** Collective. */
  void exchange(float loss, boolean stop, double megabytes) {
    fields.setAtIndex(ValueLayout.JAVA_FLOAT, LOSS, loss);
    fields.setAtIndex(ValueLayout.JAVA_FLOAT, STOP, stop ? 1 : 0);
    fields.setAtIndex(ValueLayout.JAVA_FLOAT, MEMORY, (float) megabytes);
    communicator.allReduce(fields, ElementType.F32, Reduction.SUM);
  }

  /** Mean loss over all samples of the step. */
  double loss() {
    return fields.getAtIndex(ValueLayout.JAVA_FLOAT, LOSS) / communicator.size();
  }

  /** Whether some rank was asked to stop. */
  boolean stop() {
    return fields.getAtIndex(ValueLayout.JAVA_FLOAT, STOP) > 0;
  }

  /** Megabytes of resident memory at the highest, summed over ranks. */
  double megabytes() {
    return fields.getAtIndex(ValueLayout.JAVA_FLOAT, MEMORY);
  }

  @Override
  public void close() {
    arena.close();
  }
}
