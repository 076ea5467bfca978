package kiln.launcher.train;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import kiln.bindings.UserException;
import kiln.model.pass.Remat;
import kiln.model.plan.Backend;
import kiln.model.train.BatchShape;
import kiln.model.train.LossEvaluation;
import kiln.model.train.TrainingGraph;

/** Finds out, before anything is computed, with how little that is computed once more a run gets along with its memory. */
final class MemoryLimit {
  private final Workload workload;
  private final Backend backend;
  private final long fixed;
  private final long heap;

  /**
   * @param stateBytes of what training changes
   * @param heapBytes most bytes of the Java heap
   */
  MemoryLimit(Workload workload, Backend backend, long stateBytes, long heapBytes) {
    this.workload = workload;
    this.backend = backend;
    this.fixed = stateBytes + workload.frozenBytes();
    this.heap = heapBytes;
  }

  /**
   * The first from {@code least} on that fits; plans are laid out for it, and dropped.
   *
   * @param limit bytes that one rank may use
   * @param shapes of the training data's micro-batches
   * @param numMicroBatches that a rank takes in a step
   * @param held shapes of the validation set's
   * @param news hears of what was chosen, and why
   * @throws UserException if even {@link Remat#FULL} needs more
   */
  Remat choose(
      long limit,
      Remat least,
      Set<BatchShape> shapes,
      int numMicroBatches,
      Set<BatchShape> held,
      Consumer<String> news) {
    long validation = held.stream().mapToLong(shape -> LossEvaluation.planBytes(workload.validation(), shape, backend)).sum();
    List<MemoryUse> tried = new ArrayList<>();
    for (Remat remat : Remat.values()) {
      if (remat.compareTo(least) >= 0) {
        long training = shapes.stream().mapToLong(shape -> trainingBytes(shape, numMicroBatches, remat)).sum();
        MemoryUse use = new MemoryUse(remat, fixed, training, validation, heap + MemoryUse.PROCESS);
        if (use.total() <= limit) {
          news.accept(line(limit, tried, use));
          return remat;
        }
        tried.add(use);
      }
    }
    MemoryUse smallest = tried.stream().min(Comparator.comparingLong(MemoryUse::total)).orElseThrow();
    throw new UserException(
        "option --memory: expected at least " + smallest.describe() + " (remat " + smallest.remat() + "), found "
            + MemoryUse.gigabytes(limit) + " GB");
  }

  private long trainingBytes(BatchShape shape, int numMicroBatches, Remat remat) {
    return TrainingGraph.trace(workload.training(), shape, numMicroBatches, remat).outline(backend, numMicroBatches).bytes();
  }

  private static String line(long limit, List<MemoryUse> tried, MemoryUse use) {
    StringBuilder line = new StringBuilder("memory: remat " + use.remat() + " needs at most " + use.describe());
    tried.forEach(t -> line.append("; remat ").append(t.remat()).append(" would need ").append(MemoryUse.gigabytes(t.total())));
    return line.append("; --memory ").append(MemoryUse.gigabytes(limit)).append(" GB").toString();
  }
}
