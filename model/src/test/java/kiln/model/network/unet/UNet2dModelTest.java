package kiln.model.network.unet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kiln.bindings.Region;
import kiln.bindings.UserException;
import kiln.model.graph.Graph;
import kiln.model.graph.Shape;
import kiln.model.graph.TensorType;
import kiln.model.graph.Value;
import kiln.model.layer.ParameterScope;
import kiln.model.plan.ParameterTable;
import kiln.model.weights.SafetensorsWriter;
import kiln.model.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What golden cases do not show: sizes, classes that are there or not, files with the old names. */
final class UNet2dModelTest {
  private static final Map<String, String> OLD =
      Map.of("to_q", "query", "to_k", "key", "to_v", "value", "to_out.0", "proj_attn");

  @TempDir Path folder;

  @Test
  void shouldKeepSizesThatDoNotHalveEvenly() {
    UNet2dModel unet = new UNet2dModel(UNet2dPresets.tiny(), new ParameterScope());
    for (int[] size : new int[][] {{16, 16}, {17, 9}, {5, 7}}) {
      Graph graph = new Graph();
      Value sample = graph.input("sample", TensorType.f32(1, size[0], size[1], 3));
      Value out = unet.apply(sample, graph.input("timesteps", TensorType.i32(1)), null);
      assertEquals(Shape.of(1, size[0], size[1], 3), out.shape());
      assertEquals(unet.parameters().size(), graph.parameters().size());
    }
  }

  @Test
  void shouldWantClassesExactlyIfItKnowsThem() {
    Graph graph = new Graph();
    Value sample = graph.input("sample", TensorType.f32(2, 8, 8, 3));
    Value timesteps = graph.input("timesteps", TensorType.f32(2));
    Value classes = graph.input("classes", TensorType.i32(2));
    UNet2dModel without = new UNet2dModel(UNet2dPresets.tiny(), new ParameterScope());
    assertThrows(IllegalArgumentException.class, () -> without.apply(sample, timesteps, classes));
    UNet2dModel with = new UNet2dModel(UNet2dPresets.tinyWithClasses(3), new ParameterScope());
    assertThrows(IllegalArgumentException.class, () -> with.apply(sample, timesteps, null));
    assertEquals(sample.shape(), with.apply(sample, timesteps, classes).shape());
  }

  @Test
  void shouldSayWhenAddedConditionsAreMissing() {
    UNet2dConditionModel unet = new UNet2dConditionModel(UNet2dConditionPresets.tinyXl(), new ParameterScope());
    Graph graph = new Graph();
    Value sample = graph.input("sample", TensorType.f32(1, 8, 8, 4));
    Value timesteps = graph.input("timesteps", TensorType.i32(1));
    Value text = graph.input("text", TensorType.f32(1, 5, unet.config().crossAttentionDim().getFirst()));
    UserException e = assertThrows(UserException.class, () -> unet.apply(sample, timesteps, text, null));
    assertTrue(e.getMessage().contains("addition_embed_type"), e.getMessage());
    Value ids = graph.input("ids", TensorType.i32(1, 6));
    Value tooNarrow = graph.input("pooled", TensorType.f32(1, unet.config().addition().textWidth(6) - 1));
    assertThrows(IllegalArgumentException.class, () -> unet.apply(sample, timesteps, text, null, tooNarrow, ids));
  }

  @Test
  void shouldLoadFilesWithTheOldNamesOfAttention() {
    ParameterTable table = new ParameterTable(new UNet2dModel(UNet2dPresets.tiny(), new ParameterScope()).parameters());
    Path file = folder.resolve("diffusion_pytorch_model.safetensors");
    try (Region written = Region.allocate("written", table.bytes());
        Region read = Region.allocate("read", table.bytes())) {
      MemorySegment data = written.segment();
      for (long i = 0; i < data.byteSize() / Float.BYTES; i++) {
        data.setAtIndex(ValueLayout.JAVA_FLOAT, i, i);
      }
      List<SafetensorsWriter.Tensor> tensors =
          table.entries().stream()
              .map(e -> SafetensorsWriter.Tensor.f32(old(e.parameter().name()), e.parameter().shape(), e.slice(data)))
              .toList();
      long renamed = tensors.stream().filter(tensor -> table.entry(tensor.name()) == null).count();
      long attentions = table.entries().stream().filter(e -> e.parameter().name().endsWith("to_q.weight")).count();
      assertEquals(attentions * OLD.size() * 2, renamed); // weights and biases
      SafetensorsWriter.write(file, Map.of(), tensors);
      Weights.load(file, new UNet2dWeightNames(), table, "", read.segment());
      for (ParameterTable.Entry entry : table.entries()) {
        assertEquals(-1, entry.slice(data).mismatch(entry.slice(read.segment())), entry.parameter().name());
      }
    }
  }

  private static String old(String name) {
    String old = name;
    for (Map.Entry<String, String> part : OLD.entrySet()) {
      old = old.replace("." + part.getKey() + ".", "." + part.getValue() + ".");
    }
    return old;
  }
}
