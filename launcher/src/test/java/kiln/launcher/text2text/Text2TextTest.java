package kiln.launcher.text2text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import kiln.data.text.ByT5Tokenizer;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.ranks.ExitStatus;
import kiln.model.Golden;
import kiln.model.GoldenTensors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The command on the golden encoder-decoder, whose answers transformers gave; and on folders that it cannot use. */
final class Text2TextTest {
  private static final String FOLDER = "t5_seq2seq";
  private static final String TOKENIZER = "{\"tokenizer_class\": \"ByT5Tokenizer\"}";

  @TempDir private Path model;

  @BeforeEach
  void copyModel() throws IOException {
    try (Stream<Path> files = Files.list(Golden.folder(FOLDER))) {
      for (Path file : files.toList()) {
        Files.copy(file, model.resolve(file.getFileName().toString()));
      }
    }
    Files.writeString(model.resolve("tokenizer_config.json"), TOKENIZER);
  }

  @Test
  void shouldAnswerAsTransformersDoes() throws IOException {
    JsonNode data = Golden.json(FOLDER + "/data.json");
    List<String> sources = data.required("sources").valueStream().map(JsonNode::stringValue).toList();
    String limit = data.at("/generate/max_new_tokens").asString();
    Path more = Files.write(model.resolve("more.txt"), sources.subList(1, sources.size()));
    Outcome outcome =
        KilnProcess.runHere(
            "text2text",
            "--model", model.toString(),
            "--text", sources.getFirst(),
            "--text-file", more.toString(),
            "--max-new-tokens", limit);
    assertEquals(0, outcome.status(), outcome::toString);
    StringBuilder expected = new StringBuilder();
    long unended = 0;
    try (GoldenTensors tensors = Golden.tensors(FOLDER + "/data.safetensors")) {
      int[] sequences = tensors.ints("generate.sequences");
      int width = tensors.shape("generate.sequences").last();
      for (int row = 0; row < sources.size(); row++) {
        int[] written = Arrays.copyOfRange(sequences, row * width + 1, (row + 1) * width);
        expected.append(ByT5Tokenizer.decode(written, true)).append(System.lineSeparator());
        unended += Arrays.stream(written).noneMatch(id -> id == ByT5Tokenizer.EOS) ? 1 : 0;
      }
    }
    assertEquals(expected.toString(), outcome.out());
    assertEquals(unended, outcome.err().lines().filter(l -> l.contains("stopped by --max-new-tokens " + limit)).count());
  }

  @Test
  void shouldAnswerEachTextAsIfAlone() {
    List<String> texts = new ArrayList<>();
    List<String> command = new ArrayList<>(List.of("text2text", "--model", model.toString(), "--max-new-tokens", "6"));
    StringBuilder alone = new StringBuilder();
    for (int i = 0; i < 11; i++) {
      texts.add("zażółć ".repeat(i) + i);
      command.addAll(List.of("--text", texts.getLast()));
      alone.append(answer(texts.getLast()).out());
    }
    assertEquals(alone.toString(), KilnProcess.runHere(command.toArray(String[]::new)).out());
  }

  @Test
  void shouldSayWhatItLeftOut() {
    Outcome outcome = answer("x".repeat(1022) + "é and more");
    assertEquals(0, outcome.status(), outcome::toString);
    assertTrue(outcome.err().contains("text 1: longer than the model reads; left out: é and more"), outcome.err());
  }

  @Test
  void shouldTakeTheTokenizerFromTheConfiguration() throws IOException {
    Files.writeString(model.resolve("tokenizer_config.json"), "{\"extra_ids\": 125}");
    rewrite("config.json", "\"model_type\"", "\"tokenizer_class\": \"ByT5Tokenizer\", \"model_type\"");
    assertEquals(0, answer("a").status());
  }

  @Test
  void shouldRefuseWhatItCannotUse() throws IOException {
    assertRefused("option --model: " + model.resolve("absent") + ": found no config.json", model.resolve("absent"));
    Files.writeString(model.resolve("generation_config.json"), "{\"repetition_penalty\": 1.5}");
    assertRefused("repetition_penalty: found 1.5", model);
    Files.delete(model.resolve("generation_config.json"));
    Files.writeString(model.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"T5Tokenizer\"}");
    assertRefused("tokenizer_class: found T5Tokenizer, expected ByT5Tokenizer", model);
    Files.delete(model.resolve("tokenizer_config.json"));
    assertRefused("found no tokenizer_config.json", model);
    rewrite("config.json", "\"vocab_size\": 384", "\"vocab_size\": 385");
    assertRefused("vocab_size: found 385, expected 384", model);
    rewrite("config.json", "\"is_encoder_decoder\": true", "\"is_encoder_decoder\": false");
    assertRefused("is_encoder_decoder: found false", model);
  }

  @Test
  void shouldCheckItsOptions() throws IOException {
    String folder = model.toString();
    KilnProcess.runHere("text2text", "--model", folder)
        .assertRefused(ExitStatus.USAGE, "option --text: expected at least one, or --text-file FILE");
    KilnProcess.runHere("text2text", "--model", folder, "--text", "a", "--max-new-tokens", "0")
        .assertRefused(ExitStatus.USAGE, "option --max-new-tokens: expected at least 1, found 0");
    Path file = model.resolve("lines.txt");
    String[] command = {"text2text", "--model", folder, "--text-file", file.toString()};
    KilnProcess.runHere(command).assertRefused(ExitStatus.USER_ERROR, "option --text-file: " + file, "no such file");
    Files.write(file, new byte[] {'a', (byte) 0xff});
    KilnProcess.runHere(command).assertRefused(ExitStatus.USER_ERROR, "byte 0xff at offset 1 is not valid UTF-8");
    Files.writeString(file, "");
    KilnProcess.runHere(command).assertRefused(ExitStatus.USER_ERROR, "found no line");
  }

  private Outcome answer(String text) {
    return KilnProcess.runHere("text2text", "--model", model.toString(), "--text", text, "--max-new-tokens", "6");
  }

  private static void assertRefused(String line, Path folder) {
    KilnProcess.runHere("text2text", "--model", folder.toString(), "--text", "a")
        .assertRefused(ExitStatus.USER_ERROR, line);
  }

  private void rewrite(String file, String from, String to) throws IOException {
    String text = Files.readString(model.resolve(file));
    assertTrue(text.contains(from), text);
    Files.writeString(model.resolve(file), text.replace(from, to));
  }
}
