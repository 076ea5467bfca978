package kiln.model.network.t5;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import kiln.bindings.Region;
import kiln.bindings.UserException;
import kiln.model.Evaluation;
import kiln.model.Tolerances;
import kiln.model.backend.cpu.CpuBackend;
import kiln.model.graph.Graph;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.plan.ParameterTable;
import kiln.model.train.BoundParameters;
import kiln.model.train.ParameterInitializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps that keep keys and values against the decoder run on whole sequences. */
final class GreedyDecoderTest {
  private static final int VOCABULARY = 384;
  private static final double TOLERANCE = 1e-4;

  private final T5ForConditionalGenerationConfig config = T5Presets.byT5Tiny();
  private final T5ForConditionalGeneration model = new T5ForConditionalGeneration(config, new ParameterScope());
  private final ParameterTable table = new ParameterTable(model.parameters());
  private final Region weights = Region.allocate("weights", table.bytes());
  private final CpuBackend backend = new CpuBackend();
  private final GreedyDecoder decoder =
      new GreedyDecoder(
          model, new GenerationSettings(0, List.of(), 0), List.of(new BoundParameters(table, weights.segment())), backend);

  GreedyDecoderTest() {
    ParameterInitializer.initialize(table, weights.segment(), 5);
  }

  @AfterEach
  void close() {
    backend.close();
    weights.close();
  }

  /** The counts lie on both sides of those where the plan of a step is made anew. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 63, 64, 65, 66, 128, 129, 200})
  void shouldAgreeWithTheWholeSequence(int count) {
    int[] ids = randomIds(2, 7);
    int[] mask = ones(14);
    Arrays.fill(mask, 11, 14, 0);
    List<float[]> steps = new ArrayList<>();
    int[][] written =
        decoder.generate(2, ids, mask, count, (step, row) -> steps.add(row.toArray(ValueLayout.JAVA_FLOAT)));
    assertEquals(count, steps.size());
    float[] whole = wholeSequence(ids, mask, written);
    for (int step = 0; step < count; step++) {
      for (int row = 0; row < 2; row++) {
        int at = (row * count + step) * VOCABULARY;
        float[] expected = Arrays.copyOfRange(whole, at, at + VOCABULARY);
        float[] actual = Arrays.copyOfRange(steps.get(step), row * VOCABULARY, (row + 1) * VOCABULARY);
        Tolerances.checkRelative("row " + row + " step " + step, TOLERANCE, actual, expected);
      }
    }
  }

  @Test
  void shouldWriteTheSameBesideLongerTexts() {
    int[] ids = randomIds(1, 5);
    int[][] alone = decoder.generate(1, ids, ones(5), 12, GreedyDecoder.StepListener.NONE);
    int[] both = Arrays.copyOf(ids, 18);
    System.arraycopy(randomIds(1, 9), 0, both, 9, 9);
    int[] mask = ones(18);
    Arrays.fill(mask, 5, 9, 0);
    assertArrayEquals(alone[0], decoder.generate(2, both, mask, 12, GreedyDecoder.StepListener.NONE)[0]);
  }

  @Test
  void shouldRefuseLogitsThatAreNoNumbers() {
    table.entry("decoder.final_layer_norm.weight").slice(weights.segment()).set(ValueLayout.JAVA_FLOAT, 0, Float.NaN);
    UserException e =
        assertThrows(
            UserException.class,
            () -> decoder.generate(1, randomIds(1, 3), ones(3), 4, GreedyDecoder.StepListener.NONE));
    assertTrue(e.getMessage().contains("text 1, token 1"), e.getMessage());
  }

  private float[] wholeSequence(int[] ids, int[] mask, int[][] written) {
    int rows = written.length;
    int count = written[0].length;
    int[] labels = Arrays.stream(written).flatMapToInt(Arrays::stream).toArray();
    Graph graph = new Graph();
    Value idsValue = graph.input("ids", TensorType.i32(rows, ids.length / rows));
    Value maskValue = graph.input("mask", idsValue.type());
    Value decoderIds = graph.input("decoder ids", TensorType.i32(rows, count));
    Value logits = model.decode(model.encode(idsValue, maskValue), maskValue, decoderIds);
    try (Evaluation evaluation = new Evaluation(graph, backend, List.of(logits))) {
      graph.parameters().forEach((parameter, value) -> {
        float[] values = table.entry(parameter.name()).slice(weights.segment()).toArray(ValueLayout.JAVA_FLOAT);
        evaluation.set(value, values);
      });
      evaluation.set(idsValue, ids).set(maskValue, mask).set(decoderIds, model.shiftRight(labels, count));
      return evaluation.run().get(logits);
    }
  }

  private static int[] randomIds(int rows, int length) {
    return new Random(3 + length).ints((long) rows * length, 3, 259).toArray();
  }

  private static int[] ones(int count) {
    int[] ones = new int[count];
    Arrays.fill(ones, 1);
    return ones;
  }
}
