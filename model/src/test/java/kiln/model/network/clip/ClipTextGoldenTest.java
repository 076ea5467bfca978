package kiln.model.network.clip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.Map;
import kiln.model.Golden;
import kiln.model.graph.Graph;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.network.GoldenNetwork;
import kiln.model.op.Ops;
import kiln.model.plan.ParameterTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against transformers' CLIPTextModel, outputs and all gradients; bench/peers/clip_text_model.py wrote the values. */
final class ClipTextGoldenTest {
  private static final Path GOLDEN = Golden.peer("golden-clip");

  @ParameterizedTest
  @CsvSource({"gelu, reference", "gelu, cpu", "quick_gelu, reference", "quick_gelu, cpu"})
  void shouldAgree(String name, String backend) {
    Path folder = GOLDEN.resolve(name);
    ClipTextConfig config = ClipTextConfig.read(folder.resolve("config.json"));
    ClipTextModel model = new ClipTextModel(config, new ParameterScope());
    try (GoldenNetwork golden = new GoldenNetwork(folder, model.parameters(), new ClipTextWeightNames())) {
      Value embeddings = model.embed(golden.ints("input_ids"));
      Value out = model.encode(embeddings);
      golden.expect("out.last_hidden_state", out);
      Value loss = GoldenNetwork.sum(Ops.mul(out, golden.floats("R")));
      golden.expect("out.loss", loss);
      golden.expectGradients("grad.", loss, Map.of("inputs_embeds", embeddings));
      golden.check(backend, Golden.tolerances(GOLDEN), name);
    }
  }

  @Test
  void shouldHaveThePublishedNumbersOfParameters() {
    assertEquals(123_060_480, count(ClipTextPresets.stableDiffusion15()));
    assertEquals(340_387_840, count(ClipTextPresets.stableDiffusion21()));
    assertEquals(1_600_672, count(ClipTextPresets.tiny()));
  }

  private static long count(ClipTextConfig config) {
    return new ParameterTable(new ClipTextModel(config, new ParameterScope()).parameters()).numParameters();
  }

  @Test
  void shouldRefuseTextsLongerThanItsPositions() {
    ClipTextModel model = new ClipTextModel(ClipTextPresets.tiny(), new ParameterScope());
    Value ids = new Graph().input("ids", TensorType.i32(1, 78));
    assertThrows(IllegalArgumentException.class, () -> model.apply(ids, null));
  }
}
