package kiln.launcher.train;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import kiln.bindings.UserException;
import kiln.launcher.parallel.Passage;
import kiln.launcher.parallel.ShardLayout;
import kiln.launcher.parallel.ShardMemory;
import kiln.launcher.parallel.ShardMode;
import kiln.model.graph.DType;
import kiln.model.pass.Remat;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterTable;
import kiln.model.plan.PlanOutline;
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
  private final ShardLayout layout;
  private final ParameterTable table;
  private final boolean averaged;
  private final long copy;
  private final MemoryRoom room;

  /**
   * @param layout of what the rank keeps of what training changes that keeps most: all ranks come to the same decision
   * @param table of its parameters
   * @param averaged whether a moving average is kept
   * @param copyBytes bytes of the weights' copy in bfloat16; 0 if there is none that is kept
   * @param room what one rank may use
   */
  MemoryLimit(
      Workload workload,
      Backend backend,
      ShardLayout layout,
      ParameterTable table,
      boolean averaged,
      long copyBytes,
      MemoryRoom room) {
    this.workload = workload;
    this.backend = backend;
    this.layout = layout;
    this.table = table;
    this.averaged = averaged;
    this.copy = copyBytes;
    this.room = room;
  }

  /**
   * The first from {@code least} on that fits; plans are laid out for it, and dropped.
   *
   * @param shapes of the training data's micro-batches
   * @param numMicroBatches that a rank takes in a step
   * @param held shapes of the validation set's
   * @param news hears of what was chosen, and why
   * @throws UserException if even {@link Remat#FULL} needs more
   */
  MemoryUse choose(
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
        boolean narrowed = workload.training().compute() == DType.BF16 && !rounding;
        long state = 0;
        long training = 0;
        long kept = Long.MAX_VALUE;
        for (BatchShape shape : shapes) {
          TrainingGraph traced = TrainingGraph.trace(workload.training(), shape, numMicroBatches, remat);
          state = Math.max(state, stateBytes(traced, numMicroBatches, narrowed));
          PlanOutline outline = traced.outline(backend, numMicroBatches, narrowed);
          training += outline.bytes();
          kept = Math.min(kept, outline.kept());
        }
        state += frozenBytes(kept);
        MemoryUse use = new MemoryUse(remat, rounding, state, training, validation, room.taken(), room.user());
        if (use.total() <= room.bytes()) {
          news.accept(line(tried, use));
          return use;
        }
        tried.add(use);
      }
    }
    MemoryUse smallest = tried.stream().min(Comparator.comparingLong(MemoryUse::total)).orElseThrow();
    throw room.tooLittle(smallest);
  }

  /**
   * Weights in the pages of their files, without those that kernels have copied: these pages are given back. On a GPU they lie beside
   * the copies.
   *
   * @param kept bytes of the copies in every plan
   */
  private long frozenBytes(long kept) {
    if (room.onDevice()) {
      return workload.frozenBytes();
    }
    int narrower = DType.F32.bytes() / workload.training().compute().bytes();
    return Math.max(0, workload.frozenBytes() - kept * narrower);
  }

  /** What is kept, and what is there for a while of what others keep. */
  private long stateBytes(TrainingGraph traced, int numMicroBatches, boolean narrowed) {
    boolean divided = layout.mode() != ShardMode.NONE;
    Passage passage = divided ? Passage.of(traced, table, layout.buckets(), backend) : Passage.NONE;
    DType compute = narrowed ? DType.BF16 : DType.F32;
    ShardMemory memory = ShardMemory.of(table, layout, averaged, compute, numMicroBatches, passage);
    long whole = divided && workload.measuresAverage() ? table.bytes() - layout.slices().bytes() : 0; // while it is saved
    return memory.kept() + Math.max(memory.passing(), whole);
  }

  private String line(List<MemoryUse> tried, MemoryUse use) {
    StringBuilder line = new StringBuilder("memory: " + use.means() + " needs at most " + use.describe());
    tried.forEach(t -> line.append("; ").append(t.means()).append(" would need ").append(MemoryUse.gigabytes(t.total())));
    return line.append("; ").append(room.describe()).toString();
  }
}
