package kiln.launcher.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import kiln.launcher.Outcome;
import kiln.launcher.TinyRuns;
import kiln.launcher.ranks.ExitStatus;
import kiln.model.Golden;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders of other layouts than a run's, and models of other kinds. */
class GenerateModelsTest {
  @TempDir Path temporary;
  private Path out;

  @BeforeEach
  void name() {
    out = temporary.resolve("out.png");
  }

  private byte[] draw(Path model, String... more) throws IOException {
    DrawingFixtures.generate(model, out, more).assertOk();
    return new Drawing("", DrawingFixtures.read(out)).rgb();
  }

  @Test
  void shouldDrawTheSameWithAPipelineFolderAsWithItsCheckpoint() throws IOException {
    Path folder = DrawingFixtures.pipelineFolder(temporary.resolve("pipeline"));
    byte[] drawn = draw(folder, "--prompt", "A");
    assertArrayEquals(draw(TinyRuns.finished(), "--prompt", "A", "--raw"), drawn);
    assertArrayEquals(drawn, draw(folder, "--prompt", "A", "--low-memory"));
  }

  @Test
  void shouldSayWhatAFolderLacks() throws IOException {
    Path folder = DrawingFixtures.pipelineFolder(temporary.resolve("pipeline"));
    Path weights = folder.resolve("vae/diffusion_pytorch_model.safetensors");
    Path aside = Files.move(weights, temporary.resolve("weights"));
    refused(folder, "vae: found no ");
    Files.move(aside, weights);
    TinyRuns.delete(folder.resolve("text_encoder"));
    refused(folder, "model_index.json: names text_encoder");
    Files.writeString(folder.resolve("model_index.json"), "{");
    refused(folder, "model_index.json");
  }

  private void refused(Path model, String part) {
    DrawingFixtures.generate(model, out, "--prompt", "A").assertRefused(ExitStatus.USER_ERROR, part);
    assertFalse(Files.exists(out));
  }

  @Test
  void shouldRefuseConfigurationsThatDoNotFit() throws IOException {
    Path folder = DrawingFixtures.pipelineFolder(temporary.resolve("pipeline"));
    Path config = folder.resolve("unet/config.json");
    String text = Files.readString(config);
    replace(config, text, "\"act_fn\"[^,]*", "\"act_fn\": \"mish\"");
    refused(folder, "unet/config.json: act_fn");
    replace(config, text, "\"in_channels\"[^,]*", "\"in_channels\": 9");
    refused(folder, "unet");
  }

  private static void replace(Path file, String text, String pattern, String by) throws IOException {
    String replaced = text.replaceFirst(pattern, by);
    assertFalse(replaced.equals(text), pattern);
    Files.writeString(file, replaced);
  }

  @Test
  void shouldDrawPixelsWithoutAText() throws IOException {
    Path folder = DrawingFixtures.pixelFolder(temporary.resolve("ddpm"), "unet_uncond");
    int side = Golden.json("unet_uncond/config.json").path("sample_size").intValue();
    Outcome outcome = DrawingFixtures.generate(folder, out, "--count", "3").assertOk();
    assertTrue(outcome.out().contains("out-3.png"), outcome::toString);
    assertEquals(side, DrawingFixtures.read(temporary.resolve("out-2.png")).getWidth());
    byte[] one = draw(folder);
    assertFalse(Arrays.equals(one, draw(folder, "--seed", "1")));
    assertEquals(8 * 24 * 3, draw(folder, "--size", "8x24").length);
    DrawingFixtures.generate(folder, out, "--prompt", "A").assertRefused(ExitStatus.USER_ERROR, "option --prompt");
    DrawingFixtures.generate(folder, out, "--class", "1").assertRefused(ExitStatus.USER_ERROR, "option --class");
    DrawingFixtures.generate(folder, out, "--guidance", "2").assertRefused(ExitStatus.USER_ERROR, "option --guidance");
  }

  @Test
  void shouldDrawAClass() throws IOException {
    Path folder = DrawingFixtures.pixelFolder(temporary.resolve("ddpm"), "unet_class");
    int classes = Golden.json("unet_class/config.json").path("num_class_embeds").intValue();
    byte[] first = draw(folder, "--class", "0");
    assertFalse(Arrays.equals(first, draw(folder, "--class", "" + (classes - 1))));
    DrawingFixtures.generate(folder, out, "--class", "" + classes)
        .assertRefused(ExitStatus.USER_ERROR, "option --class: expected 0 to " + (classes - 1), "found " + classes);
    DrawingFixtures.generate(folder, out).assertRefused(ExitStatus.USER_ERROR, "option --class", "found none");
    DrawingFixtures.generate(TinyRuns.finished(), out, "--prompt", "A", "--class", "1")
        .assertRefused(ExitStatus.USER_ERROR, "option --class");
  }
}
