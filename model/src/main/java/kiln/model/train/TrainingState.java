package kiln.model.train;

import java.lang.foreign.MemorySegment;
import java.util.List;
import kiln.bindings.Region;
import kiln.model.graph.Parameter;
import kiln.model.optim.OptimizedRegions;
import kiln.model.plan.ParameterTable;

/**
 * All that training changes, and all that a checkpoint must hold: weights, both moments, if wanted a moving average (flat
 * float32 regions laid out by one table) and two counters. Gradients have a region too, but no meaning between steps. Random
 * numbers need no state, since they are drawn by (seed, step, sample).
 */
public final class TrainingState implements AutoCloseable {
  private final ParameterTable table;
  private final Region weights;
  private final Region gradients;
  private final Region firstMoment;
  private final Region secondMoment;
  private final Region average; // the weights' own if no average is kept
  private long step;
  private long samplesSeen;

  /** Zeros everywhere, with a moving average. */
  public TrainingState(List<Parameter> parameters) {
    this(parameters, true);
  }

  /**
   * Zeros everywhere.
   *
   * @param averaged whether a moving average of the weights is kept
   */
  public TrainingState(List<Parameter> parameters, boolean averaged) {
    table = new ParameterTable(parameters);
    weights = Region.allocate("weights", table.bytes());
    gradients = Region.allocate("gradients", table.bytes());
    firstMoment = Region.allocate("first moment", table.bytes());
    secondMoment = Region.allocate("second moment", table.bytes());
    average = averaged ? Region.allocate("moving average", table.bytes()) : weights;
  }

  /** Start values of the weights (see {@link ParameterInitializer}), copied to the average; moments and counters 0. */
  public void initialize(long seed) {
    ParameterInitializer.initialize(table, weights.segment(), seed);
    restart();
  }

  /** Makes the weights that are there now the start: copies them to the average; moments and counters 0. */
  public void restart() {
    if (isAveraged()) {
      average.segment().copyFrom(weights.segment());
    }
    firstMoment.segment().fill((byte) 0);
    secondMoment.segment().fill((byte) 0);
    step = 0;
    samplesSeen = 0;
  }

  public ParameterTable table() {
    return table;
  }

  public MemorySegment weights() {
    return weights.segment();
  }

  /** The gradients of the step that is being taken. */
  public MemorySegment gradients() {
    return gradients.segment();
  }

  /** The gradients' owner: collectives in flight hold it open. */
  public Region gradientRegion() {
    return gradients;
  }

  public MemorySegment firstMoment() {
    return firstMoment.segment();
  }

  public MemorySegment secondMoment() {
    return secondMoment.segment();
  }

  /** Whether a moving average is kept. */
  public boolean isAveraged() {
    return average != weights;
  }

  /** The exponential moving average of the weights; the weights themselves if none is kept. */
  public MemorySegment average() {
    return average.segment();
  }

  /** All that a step of the optimizer reads and writes. */
  public OptimizedRegions regions() {
    MemorySegment averaged = isAveraged() ? average() : MemorySegment.NULL;
    return new OptimizedRegions(weights(), gradients(), firstMoment(), secondMoment(), averaged, MemorySegment.NULL);
  }

  /** Optimizer steps taken. */
  public long step() {
    return step;
  }

  /** Samples, over all ranks, that those steps have used. */
  public long samplesSeen() {
    return samplesSeen;
  }

  /** Counts a step that used {@code samples} samples over all ranks. */
  public void advance(long samples) {
    step++;
    samplesSeen += samples;
  }

  /** Sets the counters, when a checkpoint is read. */
  public void restore(long stepsTaken, long samplesUsed) {
    step = stepsTaken;
    samplesSeen = samplesUsed;
  }

  /** Bytes of all regions. */
  public long bytes() {
    return (isAveraged() ? 5 : 4) * table.bytes();
  }

  @Override
  public void close() {
    weights.close();
    gradients.close();
    firstMoment.close();
    secondMoment.close();
    if (isAveraged()) {
      average.close();
    }
  }
}
