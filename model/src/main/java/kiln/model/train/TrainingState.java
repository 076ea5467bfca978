package kiln.model.train;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;
import kiln.bindings.Region;
import kiln.model.graph.DType;
import kiln.model.graph.Parameter;
import kiln.model.optim.GlobalNorm;
import kiln.model.optim.OptimizedRegions;
import kiln.model.optim.StateKernels;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.Slices;
import kiln.model.plan.TensorMemory;

/**
 * All that training changes, and all that a checkpoint must hold: weights, both moments, if wanted a moving average (flat
 * float32 regions laid out by one table) and two counters. Gradients have a region too, but no meaning between steps. Random
 * numbers need no state, since they are drawn by (seed, step, sample).
 *
 * <p>For networks that compute in bfloat16 there is a copy of the weights in that type, half as large. An optimizer's step on
 * {@link #regions} writes it; after any other change of the weights it must be {@linkplain #refreshNarrowWeights() refreshed}.
 */
public final class TrainingState implements AutoCloseable {
  private final ParameterTable table;
  private final TensorMemory memory;
  private final StateKernels kernels;
  private final StateShare share;
  private final Slices all;
  private final Region weights;
  private final Region gradients;
  private final Region firstMoment;
  private final Region secondMoment;
  private final Region average; // the weights' own if no average is kept
  private Region narrowWeights; // null if there is no copy
  private long step;
  private long samplesSeen;

  /** Zeros everywhere, with a moving average, for networks that compute in float32. */
  public TrainingState(List<Parameter> parameters) {
    this(parameters, true, DType.F32);
  }

  /**
   * Zeros everywhere.
   *
   * @param averaged whether a moving average of the weights is kept
   * @param compute what networks compute in: for {@link DType#BF16} there is a copy of the weights in that type
   */
  public TrainingState(List<Parameter> parameters, boolean averaged, DType compute) {
    this(new ParameterTable(parameters), averaged, compute, null);
  }

  /**
   * Zeros everywhere.
   *
   * @param averaged whether a moving average of the weights is kept
   * @param compute what networks compute in: for {@link DType#BF16} there is a copy of the weights in that type; nothing of it is
   *     kept if only a share of the weights is
   * @param share what is kept; null for everything
   */
  public TrainingState(ParameterTable table, boolean averaged, DType compute, StateShare share) {
    this(table, averaged, compute, share, TensorMemory.HOST, StateKernels.CPU);
  }

  /** The same, in the memory of a backend. */
  public TrainingState(ParameterTable table, boolean averaged, DType compute, StateShare share, Backend backend) {
    this(table, averaged, compute, share, backend.memory(), backend.stateKernels());
  }

  private TrainingState(
      ParameterTable table,
      boolean averaged,
      DType compute,
      StateShare share,
      TensorMemory memory,
      StateKernels kernels) {
    this.table = table;
    this.memory = memory;
    this.kernels = kernels;
    this.all = Slices.all(table);
    this.share = share == null ? StateShare.all(table) : share;
    weights = region("weights", this.share.weights());
    gradients = region("gradients", this.share.gradients());
    firstMoment = region("first moment", this.share.optimizer());
    secondMoment = region("second moment", this.share.optimizer());
    average = averaged ? region("moving average", this.share.optimizer()) : weights;
    narrowWeights =
        compute == DType.BF16 ? region("weights in bfloat16", this.share.weights(), table.bytes() / 2) : null;
  }

  private Region region(String name, boolean sparse) {
    return region(name, sparse, table.bytes());
  }

  private Region region(String name, boolean sparse, long bytes) {
    return sparse ? Region.sparse(name, bytes) : memory.allocate(name, bytes);
  }

  /** Start values of the weights (see {@link ParameterInitializer}), copied to the average; moments and counters 0. */
  public void initialize(long seed) {
    Consumer<ParameterTable.Entry> trimmed = entry -> trim(StatePart.WEIGHTS, entry.offset(), entry.bytes());
    write(StatePart.WEIGHTS, values -> ParameterInitializer.initialize(table, values, seed, trimmed));
    restart();
  }

  /** Makes the weights that are there now the start: copies them to the average; moments and counters 0. */
  public void restart() {
    if (isAveraged()) {
      kept(StatePart.AVERAGE).parts().forEach(slice -> memory.copy(slice.of(weights()), slice.of(average())));
    }
    kept(StatePart.FIRST_MOMENT).parts().forEach(slice -> memory.fill(slice.of(firstMoment()), (byte) 0));
    kept(StatePart.SECOND_MOMENT).parts().forEach(slice -> memory.fill(slice.of(secondMoment()), (byte) 0));
    step = 0;
    samplesSeen = 0;
    refreshNarrowWeights();
  }

  /**
   * Has {@code writer} write what is kept of a part, in a region of this process that is laid out as {@link #region(StatePart)}.
   * What it leaves out of what is kept is zero.
   */
  public void write(StatePart part, Consumer<MemorySegment> writer) {
    if (memory.isHost()) {
      writer.accept(region(part).segment());
      return;
    }
    try (Region here = Region.sparse(part + " on their way to the device", table.bytes())) {
      writer.accept(here.segment());
      kept(part).parts().forEach(slice -> memory.copy(slice.of(here.segment()), slice.of(region(part).segment())));
    }
  }

  /** Where all this lies. */
  public TensorMemory memory() {
    return memory;
  }

  /** The passes over memory that can work on it. */
  public StateKernels kernels() {
    return kernels;
  }

  /** The L2 norm over all gradients together. */
  public double gradientNorm() {
    return GlobalNorm.of(kernels, gradients());
  }

  /**
   * Rounds all weights to their bfloat16 copy, if there is one that is kept: after somebody else than the optimizer has changed
   * them.
   */
  public void refreshNarrowWeights() {
    if (!share.weights()) {
      refreshNarrowWeights(0, table.bytes());
    }
  }

  /**
   * As {@link #refreshNarrowWeights()}, a slice: weights that were gathered from other ranks, for example.
   *
   * @param offset into {@link #weights}, in bytes
   * @param bytes of the slice, float32
   */
  public void refreshNarrowWeights(long offset, long bytes) {
    if (isNarrowed()) {
      MemorySegment slice = narrowWeights().asSlice(offset / 2, bytes / 2);
      kernels.narrow(weights().asSlice(offset, bytes), slice);
    }
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

  /** Whether there is a copy of the weights in bfloat16. */
  public boolean isNarrowed() {
    return narrowWeights != null;
  }

  /** The weights as bfloat16, at half their offsets; {@link MemorySegment#NULL} if there is no such copy. */
  public MemorySegment narrowWeights() {
    return isNarrowed() ? narrowWeights.segment() : MemorySegment.NULL;
  }

  /** Gives up the copy in bfloat16, before any plan is made: kernels round weights themselves, which takes time and no memory. */
  public void dropNarrowWeights() {
    if (isNarrowed()) {
      narrowWeights.close();
      narrowWeights = null;
    }
  }

  /** The weights, and their copy, for plans. */
  public BoundParameters bound() {
    return new BoundParameters(table, weights(), narrowWeights());
  }

  /** All that a step of the optimizer reads and writes. */
  public OptimizedRegions regions() {
    MemorySegment averaged = isAveraged() ? average() : MemorySegment.NULL;
    return new OptimizedRegions(
        kernels, weights(), gradients(), firstMoment(), secondMoment(), averaged, narrowWeights());
  }

  /** The same slice of each of {@link #regions}. */
  public OptimizedRegions regions(Slices.Slice slice) {
    MemorySegment averaged = isAveraged() ? slice.of(average()) : MemorySegment.NULL;
    boolean copies = isNarrowed() && !share.weights();
    MemorySegment narrow = copies ? narrowWeights().asSlice(slice.offset() / 2, slice.bytes() / 2) : MemorySegment.NULL;
    return new OptimizedRegions(
        kernels, slice.of(weights()), slice.of(gradients()), slice.of(firstMoment()), slice.of(secondMoment()), averaged, narrow);
  }

  /** The region of that part. */
  public Region region(StatePart part) {
    return switch (part) {
      case WEIGHTS -> weights;
      case AVERAGE -> average;
      case FIRST_MOMENT -> firstMoment;
      case SECOND_MOMENT -> secondMoment;
    };
  }

  /** What is kept of that part. */
  public Slices kept(StatePart part) {
    boolean divided = region(part) == weights ? share.weights() : share.optimizer();
    return divided ? share.slices() : all;
  }

  /**
   * Gives back the memory of what of the range is not kept, to the page; its numbers are lost. With weights goes their copy in
   * bfloat16.
   */
  public void trim(StatePart part, long offset, long bytes) {
    if (isNarrowed() && share.weights() && region(part) == weights) {
      narrowWeights.giveBack(offset / 2, bytes / 2);
    }
    kept(part).outside(offset, bytes).forEach(slice -> region(part).giveBack(slice.offset(), slice.bytes()));
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

  /** Sets the counters when a checkpoint has been read. */
  public void restore(long stepsTaken, long samplesUsed) {
    step = stepsTaken;
    samplesSeen = samplesUsed;
    refreshNarrowWeights();
  }

  /** Bytes that are kept of all regions. */
  public long bytes() {
    return bytes(table, isAveraged(), isNarrowed() ? DType.BF16 : DType.F32, share);
  }

  /** Bytes that are kept of a state like that, which need not be there yet. */
  public static long bytes(ParameterTable table, boolean averaged, DType compute, StateShare share) {
    long part = share.slices().bytes();
    long whole = table.bytes();
    long optimizer = share.optimizer() ? part : whole;
    long average = averaged ? optimizer : 0;
    long narrow = compute == DType.BF16 && !share.weights() ? whole / 2 : 0;
    return (share.weights() ? part : whole) + narrow + (share.gradients() ? part : whole) + 2 * optimizer + average;
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
    if (isNarrowed()) {
      narrowWeights.close();
    }
  }
}
