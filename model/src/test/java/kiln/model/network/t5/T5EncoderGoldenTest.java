package kiln.model.network.t5;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kiln.model.Golden;
import kiln.model.GoldenTensors;
import kiln.model.graph.DType;
import kiln.model.network.GoldenCases;
import kiln.model.network.GoldenNetwork;
import kiln.model.op.RelativePositionBuckets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The encoder against transformers' T5EncoderModel, outputs and all gradients. */
final class T5EncoderGoldenTest {
  private static final String FOLDER = "byt5_encoder";

  private final T5Config config = T5Config.read(Golden.path(FOLDER + "/config.json"));

  @ParameterizedTest
  @MethodSource("kiln.model.Backends#withShim")
  void shouldAgreeWhereCaptionsArePadded(String backend) {
    try (GoldenNetwork golden = GoldenCases.maskedEncoder(DType.F32)) {
      golden.check(backend, FOLDER);
    }
  }

  @ParameterizedTest
  @MethodSource("kiln.model.Backends#withShim")
  void shouldAgreeWhereNothingIsPadded(String backend) {
    try (GoldenNetwork golden = GoldenCases.unmaskedEncoder(DType.F32)) {
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
