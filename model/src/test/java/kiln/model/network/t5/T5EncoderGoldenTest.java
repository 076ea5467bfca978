package kiln.model.network.t5;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import kiln.model.Golden;
import kiln.model.GoldenTensors;
import kiln.model.graph.Shape;
import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.network.GoldenNetwork;
import kiln.model.op.Ops;
import kiln.model.op.RelativePositionBuckets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The encoder against transformers' T5EncoderModel, outputs and all gradients. */
final class T5EncoderGoldenTest {
  private static final String FOLDER = "byt5_encoder";

  private final T5Config config = T5Config.read(Golden.path(FOLDER + "/config.json"));
  private final T5Encoder encoder = new T5Encoder(config, new ParameterScope());

  @ParameterizedTest
  @MethodSource("kiln.model.Backends#withShim")
  void shouldAgreeWhereCaptionsArePadded(String backend) {
    try (GoldenNetwork golden = new GoldenNetwork(FOLDER, encoder.parameters())) {
      Value mask = golden.ints("attention_mask");
      Value embeddings = encoder.embed(golden.ints("input_ids"));
      Value out = encoder.encode(embeddings, mask);
      golden.expect("out.last_hidden_state.masked", out);
      Shape rows = Shape.of(mask.shape().dim(0), mask.shape().dim(1), 1);
      Value keep = Ops.reshape(Ops.affine(mask, 1, 0), rows);
      Value loss = GoldenNetwork.sum(Ops.mul(Ops.mul(out, golden.floats("R")), keep));
      golden.expect("out.loss.masked", loss);
      golden.expectGradients("grad.", loss, Map.of("inputs_embeds", embeddings));
      golden.check(backend, FOLDER);
    }
  }

  @ParameterizedTest
  @MethodSource("kiln.model.Backends#withShim")
  void shouldAgreeWhereNothingIsPadded(String backend) {
    try (GoldenNetwork golden = new GoldenNetwork(FOLDER, encoder.parameters())) {
      Value out = encoder.apply(golden.ints("input_ids"), null);
      golden.expect("out.last_hidden_state.unmasked", out);
      Value loss = GoldenNetwork.sum(Ops.mul(out, golden.floats("R")));
      golden.expect("out.loss.unmasked", loss);
      golden.expectGradients("unmasked.grad.", loss, Map.of());
      golden.check(backend, FOLDER);
    }
  }

  @Test
  void shouldPutDistancesIntoThePublishedBuckets() {
    try (GoldenTensors tensors = Golden.tensors(FOLDER + "/data.safetensors")) {
      int[] positions = tensors.ints("bucket.relative_position");
      assertTrue(positions.length > 0);
      for (boolean bidirectional : new boolean[] {true, false}) {
        int[] buckets = new int[positions.length];
        for (int i = 0; i < positions.length; i++) {
          buckets[i] =
              RelativePositionBuckets.bucket(
                  positions[i],
                  config.relativeAttentionNumBuckets(),
                  config.relativeAttentionMaxDistance(),
                  bidirectional);
        }
        assertArrayEquals(tensors.ints(bidirectional ? "bucket.bidirectional" : "bucket.causal"), buckets);
      }
    }
  }
}
