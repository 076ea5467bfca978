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
 *   waited | seconds it waited for its samples | 1 if it wants to save | 1 if it still writes a checkpoint |
 * </pre>
 */
final class StepTotals implements AutoCloseable {
  private static final int LOSS = 0;
  private static final int STOP = 1;
  private static final int MEMORY = 2;
  private static final int DATA = 3;
  private static final int SAVE = 4;
  private static final int WRITING = 5;
  private static final int RANKS = 6; // from here on, two of each rank
  private static final int FIELDS_OF_RANK = 2;
  private static final int COMMUNICATION = 0;
  private static final int WAITING = 1;
  private static final double NANO = 1e-9;

  private final Communicator communicator;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment fields;
  private final MemorySegment question = arena.allocate(ValueLayout.JAVA_FLOAT);

  StepTotals(Communicator communicator) {
    this.communicator = communicator;
    this.fields = arena.allocate(ValueLayout.JAVA_FLOAT, RANKS + FIELDS_OF_RANK * (long) communicator.size());
  }

  /**
   * Collective.
   *
   * @param reduced what this step's gradients cost
   * @param dataSeconds for which this rank waited for its samples
   * @param save whether it is time to save
   * @param writing whether this rank still writes a checkpoint
   */
  void exchange(
      float loss,
      boolean stop,
      double megabytes,
      BucketStatistics reduced,
      double dataSeconds,
      boolean save,
      boolean writing) {
    fields.fill((byte) 0);
    fields.setAtIndex(ValueLayout.JAVA_FLOAT, DATA, (float) dataSeconds);
    fields.setAtIndex(ValueLayout.JAVA_FLOAT, LOSS, loss);
    fields.setAtIndex(ValueLayout.JAVA_FLOAT, STOP, stop ? 1 : 0);
    fields.setAtIndex(ValueLayout.JAVA_FLOAT, SAVE, save ? 1 : 0);
    fields.setAtIndex(ValueLayout.JAVA_FLOAT, WRITING, writing ? 1 : 0);
    fields.setAtIndex(ValueLayout.JAVA_FLOAT, MEMORY, (float) megabytes);
    int rank = communicator.rank();
    fields.setAtIndex(ValueLayout.JAVA_FLOAT, of(rank, COMMUNICATION), (float) (NANO * reduced.communicationNanos()));
    fields.setAtIndex(ValueLayout.JAVA_FLOAT, of(rank, WAITING), (float) (NANO * reduced.waitingNanos()));
    communicator.allReduce(fields, ElementType.F32, Reduction.SUM);
  }

  /** Collective, between steps: whether some rank says yes. */
  boolean any(boolean yes) {
    question.set(ValueLayout.JAVA_FLOAT, 0, yes ? 1 : 0);
    communicator.allReduce(question, ElementType.F32, Reduction.SUM);
    return question.get(ValueLayout.JAVA_FLOAT, 0) > 0;
  }

  /** Mean loss over all samples of the step. */
  double loss() {
    return fields.getAtIndex(ValueLayout.JAVA_FLOAT, LOSS) / communicator.size();
  }

  /** Whether some rank was asked to stop. */
  boolean stop() {
    return fields.getAtIndex(ValueLayout.JAVA_FLOAT, STOP) > 0;
  }

  /** Whether some rank says that it is time to save. */
  boolean save() {
    return fields.getAtIndex(ValueLayout.JAVA_FLOAT, SAVE) > 0;
  }

  /** Whether some rank still writes a checkpoint. */
  boolean writing() {
    return fields.getAtIndex(ValueLayout.JAVA_FLOAT, WRITING) > 0;
  }

  /** Megabytes of resident memory at the highest, summed over ranks. */
  double megabytes() {
    return fields.getAtIndex(ValueLayout.JAVA_FLOAT, MEMORY);
  }

  /** Seconds for which gradients were on their way, on the rank that waited the least. */
  double communicationSeconds() {
    return ofRank(last(), COMMUNICATION);
  }

  /**
   * Share of those seconds that was hidden behind backward (see {@link BucketStatistics#hiddenShare}). The rank that waited the
   * least was the last to end its backward pass: all others waited for it, and it only for the network.
   */
  double hiddenShare() {
    return communicationSeconds() > 0 ? Math.max(0, 1 - ofRank(last(), WAITING) / communicationSeconds()) : 1;
  }

  /**
   * @param reduced what this rank's gradients cost
   * @return the same with the times of the rank that waited the least
   */
  BucketStatistics ofLast(BucketStatistics reduced) {
    int last = last();
    long communication = Math.round(ofRank(last, COMMUNICATION) / NANO);
    long waiting = Math.round(ofRank(last, WAITING) / NANO);
    return new BucketStatistics(reduced.numBuckets(), reduced.bytes(), communication, waiting);
  }

  private int last() {
    int last = 0;
    for (int rank = 1; rank < communicator.size(); rank++) {
      last = ofRank(rank, WAITING) < ofRank(last, WAITING) ? rank : last;
    }
    return last;
  }

  private double ofRank(int rank, int field) {
    return fields.getAtIndex(ValueLayout.JAVA_FLOAT, of(rank, field));
  }

  private static long of(int rank, int field) {
    return RANKS + (long) FIELDS_OF_RANK * rank + field;
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
