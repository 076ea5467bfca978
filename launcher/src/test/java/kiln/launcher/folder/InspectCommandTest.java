package kiln.launcher.folder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kiln.launcher.KilnProcess;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import kiln.model.graph.Shape;
import kiln.model.plan.ParameterTable;
import kiln.model.weights.SafetensorsWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class InspectCommandTest {
  @TempDir Path temporary;

  private static String inspect(Path path, String... more) {
    String[] command = new String[2 + more.length];
    command[0] = "inspect";
    command[1] = path.toString();
    System.arraycopy(more, 0, command, 2, more.length);
    return KilnProcess.runHere(command).assertOk().out();
  }

  private static JsonNode json(Path path, String... more) {
    String[] options = new String[more.length + 1];
    options[0] = "--json";
    System.arraycopy(more, 0, options, 1, more.length);
    return JsonMapper.builder().build().readTree(inspect(path, options));
  }

  private static long parameters(Component component) {
    return new ParameterTable(Networks.parameters(component)).numParameters();
  }

  @Test
  void shouldCountEveryComponentOfAPipeline() {
    Path path = ModelFolders.pipeline(temporary.resolve("model"));
    String out = inspect(path);
    assertTrue(out.startsWith(path + ": a pipeline folder of diffusers: StableDiffusionPipeline\n"), out);
    assertTrue(out.contains("\nunet: config and weights fit\n"), out);
    assertTrue(out.contains("scheduler/scheduler_config.json"), out);
    assertFalse(out.contains("conv_in.weight"), "tensors are listed when asked for");
    assertTrue(inspect(path, "--tensors").contains("conv_in.weight"));

    ModelFolder folder = ModelFolder.open(path);
    for (JsonNode component : json(path).get("components")) {
      if (!component.get("files").isEmpty()) {
        long expected = parameters(folder.require(component.get("name").stringValue()));
        assertEquals(expected, component.get("parameters").longValue());
        assertEquals(expected * Float.BYTES, component.get("bytes").longValue());
        assertEquals(component.get("tensors"), component.get("dtypes").get("F32"));
        assertTrue(component.get("problem").isNull(), component::toString);
        assertFalse(component.has("table"));
      }
    }
  }

  @Test
  void shouldListTheTensorsOfOneComponent() {
    Path path = ModelFolders.textEncoder(temporary.resolve("byt5"));
    String out = inspect(path);
    assertTrue(out.startsWith(path + ": a folder of one component: T5EncoderModel\n"), out);
    assertTrue(out.lines().anyMatch(line -> line.matches("shared\\.weight +F32 +\\[384, 16] +24,576")), out);
    JsonNode table = json(path).get("components").get(0).get("table");
    JsonNode first =
        table.valueStream().filter(row -> row.get("name").stringValue().equals("shared.weight")).findFirst().get();
    assertEquals("[384,16]", first.get("shape").toString());
    assertEquals("model.safetensors", first.get("file").stringValue());

    String file = inspect(path.resolve("model.safetensors"));
    assertTrue(file.contains("a safetensors file: T5EncoderModel"), file);
    assertTrue(file.contains("metadata format: pt"), file);
  }

  @Test
  void shouldTellStepAndPresetOfACheckpoint() {
    String out = inspect(TinyRuns.finished());
    assertTrue(out.contains("step-000012: a checkpoint of Kiln: preset tiny, step 12, 96 samples seen"), out);
    assertTrue(out.contains("\nema/unet: config and weights fit\n"), out);
    assertTrue(out.contains("exp_avg_sq.safetensors"), out);
    JsonNode optimizer = json(TinyRuns.finished()).get("components").valueStream().toList().getLast();
    assertEquals("optimizer", optimizer.get("name").stringValue());
    assertEquals(0, optimizer.get("parameters").longValue());
  }

  @Test
  void shouldSayWhyWeightsDoNotFit() throws IOException {
    Path path = ModelFolders.pipeline(temporary.resolve("model"));
    Path config = path.resolve("unet/config.json");
    String json = Files.readString(config);
    Files.writeString(config, json.replace("\"cross_attention_dim\": 16", "\"cross_attention_dim\": 24"));
    String out = inspect(path);
    assertTrue(out.contains("\nunet cannot be used: "), out);
    assertTrue(out.contains("attn2.to_k.weight: found F32[8, 16], expected F32[8, 24]"), out);
    Files.writeString(config, json.replace("\"sample_size\"", "\"act_fn\": \"gelu\", \"sample_size\""));
    assertTrue(inspect(path).contains("act_fn: found \"gelu\""), "settings that change the mathematics are named");
  }

  @Test
  void shouldJoinShards() {
    Path folder = temporary.resolve("sharded");
    ModelFolders.write(
        folder.resolve("model.safetensors.index.json"),
        "{\"weight_map\": {\"a\": \"model-00001-of-00002.safetensors\", \"b\": \"model-00002-of-00002.safetensors\"}}");
    try (Arena arena = Arena.ofConfined()) {
      List<SafetensorsWriter.Tensor> a = List.of(ModelFolders.ramp(arena, "a", Shape.of(2, 3)));
      List<SafetensorsWriter.Tensor> b = List.of(ModelFolders.ramp(arena, "b", Shape.of(5)));
      SafetensorsWriter.write(folder.resolve("model-00001-of-00002.safetensors"), Map.of(), a);
      SafetensorsWriter.write(folder.resolve("model-00002-of-00002.safetensors"), Map.of(), b);
    }
    for (Path path : List.of(folder, folder.resolve("model.safetensors.index.json"))) {
      JsonNode component = json(path).get("components").get(0);
      assertEquals(11, component.get("parameters").longValue());
      assertEquals("model-00002-of-00002.safetensors", component.get("files").get(1).stringValue());
    }
    assertTrue(inspect(folder).contains("model.safetensors.index.json (2 files)"));
  }

  @Test
  void shouldRefuseMalformedFileInOneLine() throws IOException {
    Path file = Files.write(temporary.resolve("cut.safetensors"), new byte[] {1, 2, 3});
    KilnProcess.runHere("inspect", file.toString())
        .assertRefused(ExitStatus.USER_ERROR, "cut.safetensors: not a valid safetensors file, at byte 0");
    KilnProcess.runHere("inspect", temporary.resolve("nowhere").toString())
        .assertRefused(ExitStatus.USER_ERROR, "nowhere: found nothing there");
    KilnProcess.runHere("inspect").assertRefused(ExitStatus.USAGE, "PATH: missing");
  }
}
