package kiln.launcher.train;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import kiln.collectives.BucketStatistics;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.collectives.Reduction;

/**
 * The little that ranks tell each other in every step, in one all-reduce, when gradients are known and before weights
 * change: all ranks then decide alike whether they do. A request to stop travels with it, so that all ranks stop after the
 * same step, whichever of them was asked.
 *
 * <pre>
 *   float32 | mean loss of this rank | 1 if it was asked to stop | megabytes of memory | seconds gradients travelled |
 *   waited | seconds it waited for its samples |
 * </pre>
 */
final class StepTotals implements AutoCloseable {
  private static final int LOSS = 0;
  private static final int STOP = 1;
  private static final int MEMORY = 2;
  private static final int COMMUNICATION = 3;
  private static final int WAITING = 4;
  private static final int DATA = 5;
  private static final int FIELDS = 6;
  private static final double NANO = 1e-9;

  private final Communicator communicator;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment fields = arena.allocate(ValueLayout.JAVA_FLOAT, FIELDS);

  StepTotals(Communicator communicator) {
    this.communicator = communicator;
  }

  /**
   * Collective.
   *
   * @param reduced what this step's gradients cost
   * @param dataSeconds for which this rank waited for its samples
   */
  void exchange(float loss, boolean stop, double megabytes, BucketStatistics reduced, double dataSeconds) {
    fields.setAtIndex(ValueLayout.JAVA_FLOAT, DATA, (float) dataSeconds);
    fields.setAtIndex(ValueLayout.JAVA_FLOAT, LOSS, loss);
    fields.setAtIndex(ValueLayout.JAVA_FLOAT, STOP, stop ? 1 : 0);
    fields.setAtIndex(ValueLayout.JAVA_FLOAT, MEMORY, (float) megabytes);
    fields.setAtIndex(ValueLayout.JAVA_FLOAT, COMMUNICATION, (float) (NANO * reduced.communicationNanos()));
    fields.setAtIndex(ValueLayout.JAVA_FLOAT, WAITING, (float) (NANO * reduced.waitingNanos()));
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

  /** Seconds for which gradients were on their way, mean over ranks. */
  double communicationSeconds() {
    return fields.getAtIndex(ValueLayout.JAVA_FLOAT, COMMUNICATION) / communicator.size();
  }

  /** Share of those seconds that was hidden behind backward (see {@link BucketStatistics#hiddenShare}). */
  double hiddenShare() {
    double waited = fields.getAtIndex(ValueLayout.JAVA_FLOAT, WAITING) / communicator.size();
    return communicationSeconds() > 0 ? Math.max(0, 1 - waited / communicationSeconds()) : 1;
  }

  /** Seconds for which the step waited for its samples, mean over ranks. */
  double dataSeconds() {
    return fields.getAtIndex(ValueLayout.JAVA_FLOAT, DATA) / communicator.size();
  }

  @Override
  public void close() {
    arena.close();
  }
}
