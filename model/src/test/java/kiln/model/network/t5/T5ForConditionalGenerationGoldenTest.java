package kiln.model.network.t5;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.Region;
import kiln.model.Backends;
import kiln.model.Golden;
import kiln.model.GoldenTensors;
import kiln.model.Tolerances;
import kiln.model.graph.DType;
import kiln.model.graph.Shape;
import kiln.model.layer.ParameterScope;
import kiln.model.network.GoldenCases;
import kiln.model.network.GoldenNetwork;
import kiln.model.plan.Backend;
import kiln.model.plan.ParameterTable;
import kiln.model.train.BoundParameters;
import kiln.model.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Encoder and decoder against transformers' T5ForConditionalGeneration: outputs, all gradients, and greedy writing. */
final class T5ForConditionalGenerationGoldenTest {
  private static final String FOLDER = "t5_seq2seq";

  private final T5ForConditionalGenerationConfig config =
      T5ForConditionalGenerationConfig.read(Golden.path(FOLDER + "/config.json"));
  private final T5ForConditionalGeneration model = new T5ForConditionalGeneration(config, new ParameterScope());

  @ParameterizedTest
  @MethodSource("kiln.model.Backends#names")
  void shouldAgreeInOutputsLossAndEveryGradient(String backend) {
    try (GoldenNetwork golden = GoldenCases.seq2seq(DType.F32)) {
      golden.check(backend, FOLDER);
    }
  }

  @Test
  void shouldShiftLabelsRight() {
    try (GoldenTensors tensors = Golden.tensors(FOLDER + "/data.safetensors")) {
      int[] shifted = model.shiftRight(tensors.ints("labels"), tensors.shape("labels").last());
      assertArrayEquals(tensors.ints("decoder_input_ids"), shifted);
    }
  }

  @ParameterizedTest
  @MethodSource("kiln.model.Backends#names")
  void shouldWriteTheLikeliestTokens(String backend) {
    JsonNode data = Golden.json(FOLDER + "/data.json");
    List<float[]> steps = new ArrayList<>();
    assertWrites("generate.sequences", data.path("generate"), backend, steps);
    try (GoldenTensors tensors = Golden.tensors(FOLDER + "/data.safetensors")) {
      Shape shape = tensors.shape("generate.step_logits"); // [rows, steps, vocabSize]
      assertEquals(shape.dim(1), steps.size());
      float[] actual = new float[Math.toIntExact(shape.elements())];
      int vocabSize = shape.last();
      for (int step = 0; step < steps.size(); step++) {
        for (int row = 0; row < shape.dim(0); row++) {
          System.arraycopy(steps.get(step), row * vocabSize, actual, (row * steps.size() + step) * vocabSize, vocabSize);
        }
      }
      Tolerances tolerances = Golden.tolerances();
      tolerances.check(FOLDER, "generate.step_logits", actual, tensors.floats("generate.step_logits"), false);
    }
  }

  @ParameterizedTest
  @MethodSource("kiln.model.Backends#names")
  void shouldStopRowsThatEnd(String backend) {
    JsonNode data = Golden.json(FOLDER + "/data.json");
    assertWrites("generate.early_stop.sequences", data.path("generate_early_stop"), backend, new ArrayList<>());
  }

  private void assertWrites(String expected, JsonNode how, String backendName, List<float[]> steps) {
    ParameterTable table = new ParameterTable(model.parameters());
    GenerationSettings usual = GenerationSettings.read(Golden.folder(FOLDER), config);
    int eos = how.required("eos_token_id").intValue();
    int pad = how.path("pad_token_id").asInt(usual.padTokenId());
    GenerationSettings settings = new GenerationSettings(usual.decoderStartTokenId(), List.of(eos), pad);
    try (GoldenTensors tensors = Golden.tensors(FOLDER + "/data.safetensors");
        Backend backend = Backends.open(backendName);
        Region weights = Region.allocate("weights", table.bytes())) {
      Weights.load(
          Golden.folder(FOLDER), new T5ForConditionalGenerationWeightNames(), table, "", weights.segment());
      BoundParameters bound = new BoundParameters(table, weights.segment());
      GreedyDecoder decoder = new GreedyDecoder(model, settings, List.of(bound), backend);
      int[][] written =
          decoder.generate(
              tensors.shape("input_ids").dim(0),
              tensors.ints("input_ids"),
              tensors.ints("attention_mask"),
              how.required("max_new_tokens").intValue(),
              (step, logits) -> steps.add(floats(logits)));
      int[] golden = tensors.ints(expected);
      int width = tensors.shape(expected).last();
      int[] actual = new int[golden.length];
      for (int row = 0; row < written.length; row++) {
        actual[row * width] = settings.decoderStartTokenId();
        assertEquals(width - 1, written[row].length);
        System.arraycopy(written[row], 0, actual, row * width + 1, width - 1);
      }
      assertArrayEquals(golden, actual);
    }
  }

  private static float[] floats(MemorySegment segment) {
    return segment.toArray(ValueLayout.JAVA_FLOAT);
  }
}
