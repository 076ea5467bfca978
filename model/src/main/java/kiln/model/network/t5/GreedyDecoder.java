package kiln.model.network.t5;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import kiln.bindings.UserException;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterBinding;

/**
 * Writes texts with a T5, token by token, always the likeliest one (the first of several). The encoder runs once; a step of
 * the decoder computes one token per row and attends to the stored keys and values of those before it. The plan of a step has
 * room for a power of two of them and is made anew, twice as large, when that is used up.
 */
public final class GreedyDecoder {
  private static final int FIRST_ROOM = 64;

  /** Hears of every step. */
  @FunctionalInterface
  public interface StepListener {
    StepListener NONE = (step, logits) -> {};

    /**
     * @param step from 0
     * @param logits float32 [rows, vocabSize], valid during the call
     */
    void step(int step, MemorySegment logits);
  }

  private final T5ForConditionalGeneration model;
  private final GenerationSettings settings;
  private final List<ParameterBinding> weights;
  private final Backend backend;

  /**
   * @param weights of the whole model
   */
  public GreedyDecoder(
      T5ForConditionalGeneration model, GenerationSettings settings, List<ParameterBinding> weights, Backend backend) {
    this.model = model;
    this.settings = settings;
    this.weights = List.copyOf(weights);
    this.backend = backend;
  }

  /**
   * Answers {@code rows} texts together.
   *
   * @param ids of all texts, [rows, length], padded
   * @param mask as many, 1 = token, 0 = padding
   * @param maxNewTokens at least 1
   * @return [rows, n], n ≤ maxNewTokens: the written tokens without the start token; a row that ends early ends with an
   *     end-of-text token and is filled with padding
   * @throws UserException if the weights give logits that are no numbers
   */
  public int[][] generate(int rows, int[] ids, int[] mask, int maxNewTokens, StepListener listener) {
    if (rows < 1 || ids.length % rows != 0 || ids.length != mask.length || maxNewTokens < 1) {
      throw new IllegalArgumentException(
          "rows=" + rows + " ids=" + ids.length + " mask=" + mask.length + " maxNewTokens=" + maxNewTokens);
    }
    DecoderSteps steps = null;
    try (EncoderMemory memory = new EncoderMemory(model, weights, backend, rows, ids, mask)) {
      int[][] written = new int[rows][maxNewTokens];
      boolean[] ended = new boolean[rows];
      int[] tokens = new int[rows];
      Arrays.fill(tokens, settings.decoderStartTokenId());
      for (int position = 0; position < maxNewTokens; position++) {
        steps = withRoom(steps, memory, position, maxNewTokens);
        MemorySegment logits = steps.run(tokens, position);
        listener.step(position, logits);
        for (int row = 0; row < rows; row++) {
          tokens[row] = ended[row] ? settings.padTokenId() : likeliest(logits, row, position);
          written[row][position] = tokens[row];
          ended[row] |= settings.eosTokenIds().contains(tokens[row]);
        }
        if (allEnded(ended)) {
          return firstTokens(written, position + 1);
        }
      }
      return written;
    } finally {
      if (steps != null) {
        steps.close();
      }
    }
  }

  /** The plan for a step that {@code position} tokens precede. */
  private DecoderSteps withRoom(DecoderSteps steps, EncoderMemory memory, int position, int maxNewTokens) {
    if (steps != null && (position < steps.room() || position == maxNewTokens - 1)) {
      return steps; // The last token needs no place among the past.
    }
    int wanted = steps == null ? FIRST_ROOM : 2 * steps.room();
    DecoderSteps larger = new DecoderSteps(model, memory, weights, backend, Math.min(wanted, maxNewTokens));
    if (steps != null) {
      larger.takeOver(steps, position);
      steps.close();
    }
    return larger;
  }

  private int likeliest(MemorySegment logits, int row, int position) {
    int vocabSize = model.config().encoder().vocabSize();
    int best = -1;
    float highest = Float.NEGATIVE_INFINITY;
    for (int id = 0; id < vocabSize; id++) {
      float logit = logits.getAtIndex(ValueLayout.JAVA_FLOAT, (long) row * vocabSize + id);
      if (!Float.isFinite(logit)) {
        throw new UserException(
            "text " + (row + 1) + ", token " + (position + 1) + ": the model's logits are not finite; its weights are damaged");
      }
      if (best < 0 || logit > highest) {
        best = id;
        highest = logit;
      }
    }
    return best;
  }

  private static boolean allEnded(boolean[] ended) {
    for (boolean each : ended) {
      if (!each) {
        return false;
      }
    }
    return true;
  }

  private static int[][] firstTokens(int[][] rows, int count) {
    return Arrays.stream(rows).map(row -> Arrays.copyOf(row, count)).toArray(int[][]::new);
  }
}
