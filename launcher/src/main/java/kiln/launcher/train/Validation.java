package kiln.launcher.train;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.collectives.Reduction;
import kiln.launcher.parallel.DataParallel;
import kiln.model.plan.Backend;
import kiln.model.plan.Residency;
import kiln.model.train.LossEvaluation;
import kiln.model.train.MicroBatch;
import kiln.model.train.StatePart;
import kiln.model.train.TrainingState;

/**
 * The loss of the averaged weights, with which drawings are made, on a fixed set: same samples, same noise, same timesteps at
 * every measurement and in every run. Ranks share the work; the result has the same bits for any number of them. Where the
 * average is divided among ranks, all of them run as often: those that have no micro-batch left repeat the last one.
 */
final class Validation implements AutoCloseable {
  private final Communicator communicator;
  private List<MicroBatch> microBatches;
  private final LossEvaluation evaluation;
  private final boolean together;
  private Arena arena = Arena.ofShared();
  private MemorySegment losses; // float32 [micro-batches], zero where another rank computes

  Validation(
      Communicator communicator,
      DataParallel parallel,
      Workload workload,
      TrainingState state,
      Backend backend,
      ValidationSet set) {
    this.communicator = communicator;
    this.microBatches = set.microBatches();
    Residency residency = parallel.residency(StatePart.AVERAGE);
    this.together = residency != null;
    this.evaluation = new LossEvaluation(workload.validation(), state.table(), state.average(), backend, residency);
    this.losses = arena.allocate(ValueLayout.JAVA_FLOAT, microBatches.size());
  }

  /** Collective: measures on other samples from now on. */
  void use(ValidationSet set) {
    arena.close();
    arena = Arena.ofShared();
    microBatches = set.microBatches();
    losses = arena.allocate(ValueLayout.JAVA_FLOAT, microBatches.size());
  }

  /** Whether there is nothing to measure on. */
  boolean isEmpty() {
    return microBatches.isEmpty();
  }

  /**
   * Collective: the mean loss over all samples.
   *
   * @param cut collective: asked before every micro-batch, says whether to give up
   * @return empty if it gave up
   */
  OptionalDouble loss(BooleanSupplier cut) {
    losses.fill((byte) 0);
    int n = microBatches.size();
    for (int first = 0; first < n; first += communicator.size()) {
      if (cut.getAsBoolean()) {
        return OptionalDouble.empty();
      }
      int i = first + communicator.rank();
      if (i < n) {
        losses.setAtIndex(ValueLayout.JAVA_FLOAT, i, evaluation.run(0, microBatches.get(i)));
      } else if (together) {
        evaluation.run(0, microBatches.get(n - 1));
      }
    }
    communicator.allReduce(losses, ElementType.F32, Reduction.SUM);
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += losses.getAtIndex(ValueLayout.JAVA_FLOAT, i);
    }
    return OptionalDouble.of(sum / n);
  }

  @Override
  public void close() {
    evaluation.close();
    arena.close();
  }
}
