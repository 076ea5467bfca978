package kiln.launcher.folder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder that is steered by CLIP, as those of Stable Diffusion are, from its tokenizer to a picture. */
final class ClipPipelineTest {
  @TempDir Path temporary;

  private Path folder;

  @BeforeEach
  void makeFolder() throws IOException {
    folder = ModelFolders.pipeline(temporary.resolve("model"));
    Path index = folder.resolve(ModelIndex.FILE);
    String byT5 = Files.readString(index);
    Files.writeString(index, byT5.replace("T5EncoderModel", "CLIPTextModel").replace("ByT5Tokenizer", "CLIPTokenizer"));
    writeTokenizer(12);
    ModelFolders.write(
        folder.resolve("text_encoder/config.json"),
        """
        {"architectures": ["CLIPTextModel"], "model_type": "clip_text_model", "vocab_size": 9, "hidden_size": 16,
         "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "max_position_embeddings": 12,
         "hidden_act": "quick_gelu"}
        """);
    ModelFolders.weights(folder.resolve("text_encoder"), "model.safetensors");
  }

  private void writeTokenizer(int maxLength) {
    Path tokenizer = folder.resolve("tokenizer");
    ModelFolders.write(
        tokenizer.resolve("tokenizer_config.json"),
        "{\"tokenizer_class\": \"CLIPTokenizer\", \"pad_token\": \"!\", \"model_max_length\": " + maxLength + "}");
    ModelFolders.write(
        tokenizer.resolve("vocab.json"),
        "{\"!\":0,\"a\":1,\"b\":2,\"a</w>\":3,\"b</w>\":4,\"ab</w>\":5,\"!</w>\":6,\"<|startoftext|>\":7,\"<|endoftext|>\":8}");
    ModelFolders.write(tokenizer.resolve("merges.txt"), "#version: 0.2\na b</w>\n");
  }

  private Outcome generate(String prompt, Path out) {
    return KilnProcess.runHere(
        "generate", "--checkpoint", folder.toString(), "--prompt", prompt, "--steps", "2", "--out", out.toString());
  }

  private byte[] drawn(String prompt) throws IOException {
    Path out = temporary.resolve("drawn.png");
    generate(prompt, out).assertOk();
    return Files.readAllBytes(out);
  }

  @Test
  void shouldDrawWhatThePromptSays() throws IOException {
    byte[] first = drawn("AB a");
    assertTrue(Arrays.equals(first, drawn("AB a")));
    assertFalse(Arrays.equals(first, drawn("b a")));
  }

  @Test
  void shouldWarnOfWhatItCuts() {
    Outcome outcome = generate("a b ".repeat(5) + "B A b", temporary.resolve("cut.png"));
    assertEquals(ExitStatus.OK, outcome.status(), outcome::toString);
    assertTrue(outcome.toString().contains("longer than the 12 tokens"), outcome::toString);
    assertTrue(outcome.toString().contains("cut: \"B A b\""), outcome::toString);
  }

  @Test
  void shouldRefuseWhatDoesNotFitTogether() throws IOException {
    Path out = temporary.resolve("none.png");
    writeTokenizer(13);
    generate("a", out).assertRefused(ExitStatus.USER_ERROR, "found texts of 13 tokens", "at most the 12");
    Files.delete(folder.resolve("tokenizer/vocab.json"));
    generate("a", out).assertRefused(ExitStatus.USER_ERROR, "expected vocab.json and merges.txt");
    Files.delete(folder.resolve("tokenizer/merges.txt"));
    Files.delete(folder.resolve("tokenizer/tokenizer_config.json"));
    Files.delete(folder.resolve("tokenizer"));
    generate("a", out).assertRefused(ExitStatus.USER_ERROR, "tokenizer");
    assertFalse(Files.exists(out));
  }
}
