package kiln.launcher.explain;

import java.util.List;
import kiln.launcher.parallel.ShardMemory;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.Value;
import kiln.model.plan.PlanOutline;

/**
 * What is explained.
 *
 * @param description in words, with its shapes
 * @param graph forward, and backward if it is trained
 * @param result the last value of forward: the loss, or what a network gives
 * @param outline of the plan
 * @param state what is in memory besides the plan
 * @param compute type of activations
 * @param optimizerBytes read and written by clip, AdamW and moving average in a step; 0 if nothing is trained
 * @param runs of the plan in one step
 * @param shards the training state on one rank, for several numbers of ranks and all that they may divide; empty if nothing is
 *     trained
 */
public record Subject(
    String description,
    Graph graph,
    Value result,
    PlanOutline outline,
    List<MemoryPart> state,
    DType compute,
    long optimizerBytes,
    int runs,
    List<ShardMemory> shards) {

  /** A category of memory. */
  public record MemoryPart(String name, long bytes) {
    /** Float32 weights of a network that stays as it is, on a GPU beside what kernels keep of them. */
    static MemoryPart frozen(String name, long bytes, PlanOutline outline, DType precision, Planner planner) {
      return planner.onDevice() ? new MemoryPart(name, bytes) : mapped(name, bytes, outline, precision);
    }

    /**
     * Float32 weights that are mapped from files: the pages of those that kernels keep in a form of their own are given back.
     *
     * @param precision of what kernels keep
     */
    private static MemoryPart mapped(String name, long bytes, PlanOutline outline, DType precision) {
      long givenBack = outline.kept() * DType.F32.bytes() / precision.bytes();
      return new MemoryPart(name + " as they lie in their files", Math.max(0, bytes - givenBack));
    }
  }

  /** As users know it. */
  static String name(DType type) {
    return type == DType.BF16 ? "bfloat16" : "float32";
  }

  /** Position of the last node of forward among those of the outline. */
  int forwardEnd() {
    return outline.nodes().indexOf(result.producer());
  }
}
