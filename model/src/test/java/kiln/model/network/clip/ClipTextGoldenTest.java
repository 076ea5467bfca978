package kiln.model.network.clip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import kiln.model.Golden;
import kiln.model.graph.DType;
import kiln.model.graph.Graph;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.network.GoldenCases;
import kiln.model.network.GoldenNetwork;
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
    try (GoldenNetwork golden = GoldenCases.clip(name, DType.F32)) {
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
