package kiln.data.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import kiln.bindings.UserException;
import kiln.data.text.Tokenizer.Encoded;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokenizers open by the class that their folder names, and ByT5's cuts prompts between characters. */
final class TokenizersTest {
  @TempDir Path folder;

  private Tokenizer open(String config) throws IOException {
    Files.writeString(folder.resolve(TokenizerConfig.FILE), config);
    return Tokenizers.open(folder);
  }

  @Test
  void shouldOpenByT5() throws IOException {
    Tokenizer tokenizer = open("{\"tokenizer_class\": \"ByT5Tokenizer\", \"eos_token\": \"</s>\"}");
    assertEquals(ByT5PromptTokenizer.MOST, tokenizer.maxLength());
    assertFalse(tokenizer.padsToMaxLength());
    Encoded encoded = tokenizer.encode("é!");
    assertArrayEquals(new int[] {0xc3 + 3, 0xa9 + 3, '!' + 3, ByT5Tokenizer.EOS}, encoded.ids());
    assertEquals("", encoded.cut());
    assertArrayEquals(ByT5Tokenizer.encodePadded("é!", 6), encoded.row(6, tokenizer.padId()));
    assertArrayEquals(new int[] {1, 1, 1, 1, 0, 0}, encoded.mask(6));
  }

  @ParameterizedTest
  @CsvSource({"12, 12", "1000000000000000019884624838656, 1024", "4096, 1024", "1e3, 1000"})
  void shouldTakeTheLengthOfTheConfiguration(String written, int expected) throws IOException {
    assertEquals(
        expected,
        open("{\"tokenizer_class\": \"ByT5Tokenizer\", \"model_max_length\": " + written + "}").maxLength());
  }

  @Test
  void shouldCutPromptsBetweenCharacters() {
    String text = "aé你🙂b";
    for (int length = 1; length <= 13; length++) {
      Encoded encoded = new ByT5PromptTokenizer(length).encode(text);
      String kept = ByT5Tokenizer.decode(encoded.ids(), true);
      assertEquals(text, kept + encoded.cut());
      assertEquals(kept.getBytes(StandardCharsets.UTF_8).length + 1, encoded.numTokens());
      assertTrue(encoded.numTokens() <= length);
      assertEquals(length >= 12, encoded.cut().isEmpty());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"tokenizer_class": "T5Tokenizer"}                                | tokenizer_class: found T5Tokenizer, expected
          {"model_max_length": 77}                                          | tokenizer_class: found none, expected
          {"tokenizer_class": "ByT5Tokenizer", "model_max_length": 0.5}     | model_max_length: found 0.5, expected a whole
          {"tokenizer_class": "ByT5Tokenizer", "model_max_length": -1}      | model_max_length: found -1, expected a whole
          {"tokenizer_class": "ByT5Tokenizer", "pad_token": "[PAD]"}        | pad_token: found "[PAD]", expected <pad>
          {"tokenizer_class": "ByT5Tokenizer", "eos_token": {"content": 1}} | eos_token: found 1, expected </s>
          ["ByT5Tokenizer"]                                                 | expected a JSON object
          {"tokenizer_class":                                               | not JSON
          """)
  void shouldRefuseInOneLine(String config, String expected) {
    String line = assertThrows(UserException.class, () -> open(config)).getMessage();
    assertTrue(line.startsWith(folder.resolve(TokenizerConfig.FILE) + ": "), line);
    assertTrue(line.contains(expected), line);
    assertEquals(1, line.lines().count(), line);
  }

  @Test
  void shouldNameTheFolderWithoutTokenizer() {
    String line = assertThrows(UserException.class, () -> Tokenizers.open(folder)).getMessage();
    assertEquals(folder + ": found no tokenizer_config.json, expected the folder of a tokenizer", line);
  }
}
