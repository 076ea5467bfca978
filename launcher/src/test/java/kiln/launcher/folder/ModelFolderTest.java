package kiln.launcher.folder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kiln.bindings.UserException;
import kiln.launcher.RunFiles;
import kiln.launcher.TinyRuns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFolderTest {
  @TempDir Path temporary;

  private static List<String> names(ModelFolder folder) {
    return folder.components().stream().map(Component::name).toList();
  }

  private static void assertRefused(Path path, String... parts) {
    String line = assertThrows(UserException.class, () -> ModelFolder.open(path)).getMessage();
    assertEquals(1, line.lines().count(), line);
    for (String part : parts) {
      assertTrue(line.contains(part), () -> "expected '" + part + "' in " + line);
    }
  }

  @Test
  void shouldRecogniseRunAndCheckpoint() {
    ModelFolder run = ModelFolder.open(TinyRuns.finished());
    assertEquals(ModelFolder.Kind.CHECKPOINT, run.kind());
    assertEquals(RunFiles.checkpoint(TinyRuns.finished(), 12), run.path());
    assertTrue(names(run).containsAll(List.of("unet", "text_encoder", "vae", "scheduler", "ema/unet", "optimizer")));
    assertEquals(ComponentKind.UNET_2D_CONDITION, run.require("unet").kind());
    assertEquals(2, run.require("optimizer").weights().size());

    Path older = RunFiles.checkpoint(TinyRuns.finished(), 6);
    assertEquals(older, ModelFolder.open(older).path());
  }

  @Test
  void shouldTakeMovingAveragesInPlaceOfWeights() {
    ModelFolder run = ModelFolder.open(TinyRuns.finished());
    ModelFolder averaged = run.averaged();
    assertEquals(run.path().resolve("ema/unet"), averaged.require("unet").path());
    assertEquals("unet", averaged.require("unet").name());
    assertEquals(run.path().resolve("vae"), averaged.require("vae").path(), "a frozen network has no average");
    assertEquals(run.path().resolve("unet"), run.raw().require("unet").path());
    assertEquals(names(run.raw()), names(averaged));
  }

  @Test
  void shouldRecognisePipelineAndItsParts() {
    Path path = ModelFolders.pipeline(temporary.resolve("model"));
    ModelFolder pipeline = ModelFolder.open(path);
    assertEquals(ModelFolder.Kind.PIPELINE, pipeline.kind());
    assertEquals("StableDiffusionPipeline", pipeline.className());
    List<String> listed = List.of("scheduler", "text_encoder", "tokenizer", "unet", "vae");
    assertEquals(listed, names(pipeline), "as in model_index.json");
    assertEquals(
        List.of(path.resolve("unet/diffusion_pytorch_model.safetensors")), pipeline.require("unet").weights());
    assertEquals(ComponentKind.T5_ENCODER, pipeline.require("text_encoder").kind());
    assertEquals(ComponentKind.SCHEDULER, pipeline.require("scheduler").kind());
    assertEquals("ByT5Tokenizer", pipeline.require("tokenizer").className());
    assertEquals(pipeline, pipeline.averaged());
  }

  @Test
  void shouldRecogniseOneComponentByItsConfiguration() {
    Path path = ModelFolders.pipeline(temporary.resolve("model"));
    ModelFolder unet = ModelFolder.open(path.resolve("unet"));
    assertEquals(ModelFolder.Kind.COMPONENT, unet.kind());
    assertEquals(ComponentKind.UNET_2D_CONDITION, unet.components().getFirst().kind());
    Path encoder = ModelFolders.textEncoder(temporary.resolve("byt5"));
    assertEquals(encoder, ModelFolder.open(encoder).require("text_encoder", ComponentKind.T5_ENCODER).path());
    assertEquals(ComponentKind.SCHEDULER, ModelFolder.open(path.resolve("scheduler")).components().getFirst().kind());
    assertEquals(ComponentKind.TOKENIZER, ModelFolder.open(path.resolve("tokenizer")).components().getFirst().kind());
  }

  @Test
  void shouldRecogniseFileAndIndex() {
    Path file = ModelFolders.textEncoder(temporary.resolve("byt5")).resolve("model.safetensors");
    assertEquals(ModelFolder.Kind.FILE, ModelFolder.open(file).kind());
    Path index = temporary.resolve("model.safetensors.index.json");
    ModelFolders.write(index, "{\"weight_map\": {}}");
    assertEquals(ModelFolder.Kind.INDEX, ModelFolder.open(index).kind());
  }

  @Test
  void shouldRefuseWhatIsNoModel() throws IOException {
    assertRefused(temporary.resolve("nowhere"), "nowhere: found nothing there");
    Path empty = Files.createDirectory(temporary.resolve("empty"));
    assertRefused(empty, "empty: found neither model_index.json nor config.json");
    assertRefused(Files.createFile(temporary.resolve("notes.txt")), "notes.txt: expected a folder, a .safetensors file");
  }

  @Test
  void shouldRefuseFolderThatLacksAComponent() throws IOException {
    Path path = ModelFolders.pipeline(temporary.resolve("model"));
    Path config = path.resolve("vae/config.json");
    String json = Files.readString(config);
    Files.delete(config);
    assertRefused(path, "vae: found no config.json, expected that of AutoencoderKL");
    Files.writeString(config, json.replace("AutoencoderKL", "AutoencoderTiny"));
    assertRefused(path, "vae/config.json: found class AutoencoderTiny, expected AutoencoderKL");
    Files.writeString(config, json);
    Files.delete(path.resolve("unet/diffusion_pytorch_model.safetensors"));
    assertRefused(path, "unet: found no weight file, expected diffusion_pytorch_model.safetensors");
    TinyRuns.delete(path.resolve("unet"));
    assertRefused(path, "model_index.json: names unet (UNet2DConditionModel), found no folder");
  }

  @Test
  void shouldRefuseDamagedIndex() throws IOException {
    Path path = ModelFolders.pipeline(temporary.resolve("model"));
    Path index = path.resolve(ModelIndex.FILE);
    String json = Files.readString(index);
    Files.writeString(index, json.substring(0, json.length() / 2));
    assertRefused(path, "model_index.json: expected a JSON object, found none");
    Files.writeString(index, "[]");
    assertRefused(path, "model_index.json: expected a JSON object");
    Files.writeString(index, "{}");
    assertRefused(path, "model_index.json: _class_name: expected the pipeline's class, found none");
    Files.writeString(index, "{\"_class_name\": \"StableDiffusionPipeline\"}");
    assertRefused(path, "model_index.json: expected components", "found none");
    Files.writeString(index, json.replace("[\"diffusers\", \"AutoencoderKL\"]", "[\"diffusers\"]"));
    assertRefused(path, "model_index.json: vae: expected [library, class], found [\"diffusers\"]");
    Files.writeString(index, json.replace("\"vae\"", "\"../vae\""));
    assertRefused(path, "model_index.json: expected names of folders in this one, found ../vae");
  }

  @Test
  void shouldNameWhatARequiredComponentIs() {
    ModelFolder folder = ModelFolder.open(ModelFolders.pipeline(temporary.resolve("model")));
    UserException missing = assertThrows(UserException.class, () -> folder.require("image_encoder"));
    assertTrue(missing.getMessage().contains("found no image_encoder among scheduler, text_encoder"), missing.getMessage());
    UserException other =
        assertThrows(UserException.class, () -> folder.require("unet", ComponentKind.UNET_2D, ComponentKind.T5));
    assertTrue(other.getMessage().endsWith("found a UNet2DConditionModel, expected UNET_2D or T5"), other.getMessage());
  }
}
