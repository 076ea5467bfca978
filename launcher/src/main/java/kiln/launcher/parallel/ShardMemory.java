package kiln.launcher.parallel;

import kiln.model.graph.DType;
import kiln.model.plan.ParameterTable;

/**
 * Bytes of the training state on the rank that keeps most, the first of a group.
 *
 * @param mode what is divided
 * @param ranks of the group
 * @param weights that are kept, with their bfloat16 copy if there is one
 * @param gradients that are kept, or added up
 * @param optimizer moments and moving average
 * @param passing most of weights and gradients that is there only for a while during a step, besides what is kept
 * @param saving the copy of what the rank writes to a checkpoint, if it is written beside training
 * @param formula what Rajbhandari et al. (2020) count for numbers of these widths: the parts that are divided,
 *     divided by the number of ranks
 */
public record ShardMemory(
    ShardMode mode, int ranks, long weights, long gradients, long optimizer, long passing, long saving, long formula) {
  /**
   * Of a table that is divided so.
   *
   * @param averaged whether a moving average is kept
   * @param compute what networks compute in
   * @param numMicroBatches per step and rank
   */
  public static ShardMemory of(
      ParameterTable table, ShardLayout layout, boolean averaged, DType compute, int numMicroBatches, Passage passage) {
    ShardMode mode = layout.mode();
    boolean divided = mode != ShardMode.NONE;
    long whole = table.bytes();
    long share = divided ? layout.slices().bytes() : whole;
    int states = averaged ? 3 : 2;
    long narrow = compute == DType.BF16 ? whole / 2 : 0;
    long weights = mode.dividesWeights() ? share : whole + narrow;
    long gradients = mode.dividesGradients() ? share : whole;
    boolean sums = mode.dividesGradients() && numMicroBatches > 1;
    long passing = passage.bytes(layout, compute, sums);
    long numbers = table.numParameters() * Float.BYTES;
    long n = layout.size();
    long narrowNumbers = mode.dividesWeights() ? 0 : numbers * narrow / Math.max(1, whole);
    long formula =
        (mode.dividesWeights() ? numbers / n : numbers + narrowNumbers)
            + (mode.dividesGradients() ? numbers / n : numbers)
            + states * (divided ? numbers / n : numbers);
    return new ShardMemory(
        mode, layout.size(), weights, gradients, states * share, passing, copy(table, layout, averaged), formula);
  }

  private static long copy(ParameterTable table, ShardLayout layout, boolean averaged) {
    return new ShardPlan(table, layout, layout.size()).mostBytes(averaged);
  }

  /** What is there between steps. */
  public long kept() {
    return weights + gradients + optimizer;
  }

  /** During steps. */
  public long step() {
    return kept() + passing;
  }
}
