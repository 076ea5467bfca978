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

/**
 * Finds out, before anything is computed, with how little that is computed once more a run gets along with its memory. Before
 * more is computed once more, the bfloat16 copy of the weights is given up, which costs less time.
 */
final class MemoryLimit {
  private final Workload workload;
  private final Backend backend;
  private final long fixed;
  private final long copy;
  private final long heap;

  /**
   * @param stateBytes of what training changes
   * @param copyBytes of those, bytes of the weights' copy in bfloat16; 0 if there is none
   * @param heapBytes most bytes of the Java heap
   */
  MemoryLimit(Workload workload, Backend backend, long stateBytes, long copyBytes, long heapBytes) {
    this.workload = workload;
    this.backend = backend;
    this.fixed = stateBytes + workload.frozenBytes();
    this.copy = copyBytes;
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
  MemoryUse choose(
      long limit,
      Remat least,
      Set<BatchShape> shapes,
      int numMicroBatches,
      Set<BatchShape> held,
      Consumer<String> news) {
    long validation = held.stream().mapToLong(shape -> LossEvaluation.planBytes(workload.validation(), shape, backend)).sum();
    List<MemoryUse> tried = new ArrayList<>();
    for (Remat remat : Remat.values()) {
      for (boolean rounding : copy > 0 ? new boolean[] {false, true} : new boolean[] {false}) {
        if (remat.compareTo(least) < 0) {
          continue;
        }
        boolean narrowed = copy > 0 && !rounding;
        long training = shapes.stream().mapToLong(shape -> trainingBytes(shape, numMicroBatches, remat, narrowed)).sum();
        long state = rounding ? fixed - copy : fixed;
        MemoryUse use = new MemoryUse(remat, rounding, state, training, validation, heap + MemoryUse.PROCESS);
        if (use.total() <= limit) {
          news.accept(line(limit, tried, use));
          return use;
        }
        tried.add(use);
      }
    }
    MemoryUse smallest = tried.stream().min(Comparator.comparingLong(MemoryUse::total)).orElseThrow();
    throw new UserException(
        "option --memory: expected at least " + smallest.describe() + " (" + smallest.means() + "), found "
            + MemoryUse.gigabytes(limit) + " GB");
  }

  private long trainingBytes(BatchShape shape, int numMicroBatches, Remat remat, boolean narrowed) {
    TrainingGraph graph = TrainingGraph.trace(workload.training(), shape, numMicroBatches, remat);
    return graph.outline(backend, numMicroBatches, narrowed).bytes();
  }

  private static String line(long limit, List<MemoryUse> tried, MemoryUse use) {
    StringBuilder line = new StringBuilder("memory: " + use.means() + " needs at most " + use.describe());
    tried.forEach(t -> line.append("; ").append(t.means()).append(" would need ").append(MemoryUse.gigabytes(t.total())));
    return line.append("; --memory ").append(MemoryUse.gigabytes(limit)).append(" GB").toString();
  }
}
