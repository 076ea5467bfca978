package kiln.data.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import kiln.bindings.UserException;
import kiln.data.text.Tokenizer.Encoded;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A vocabulary of a few tokens: pairs merge by rank, tokens that people add are found, damaged files are named. */
final class ClipTokenizerTest {
  private static final String CLASS = "\"tokenizer_class\": \"CLIPTokenizer\"";
  private static final String VOCAB =
      "{\"a\":0,\"b\":1,\"a</w>\":2,\"b</w>\":3,\"ab\":4,\"ab</w>\":5,\"<|startoftext|>\":6,\"<|endoftext|>\":7,\"bb\":8}";

  @TempDir Path folder;

  @BeforeEach
  void writeVocabulary() throws IOException {
    write("tokenizer_config.json", "{" + CLASS + ", \"model_max_length\": 6}");
    write("vocab.json", VOCAB);
    write("merges.txt", "#version: 0.2\na b</w>\na b\nb b\n");
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(folder.resolve(file), text);
  }

  private int[] tokens(String text) {
    Encoded encoded = Tokenizers.open(folder).encode(text);
    return Arrays.copyOfRange(encoded.ids(), 1, encoded.numTokens() - 1);
  }

  @Test
  void shouldMergeByRank() {
    assertArrayEquals(new int[] {5}, tokens("AB"));
    assertArrayEquals(new int[] {4, 5}, tokens("abab"));
    assertArrayEquals(new int[] {4, 1, 3}, tokens("abbb"));
    assertArrayEquals(new int[] {8, 1, 3}, tokens("bbbb"));
    assertArrayEquals(new int[] {2, 3}, tokens("a\n b"));
  }

  @Test
  void shouldCutWhatDoesNotFit() {
    Encoded encoded = Tokenizers.open(folder).encode("A  b a\tB AB a ");
    assertArrayEquals(new int[] {6, 2, 3, 2, 3, 7}, encoded.ids());
    assertEquals("AB a", encoded.cut());
    assertEquals(6, encoded.numTokens());
  }

  @Test
  void shouldStayFastForEndlessWords() {
    assertEquals(6, Tokenizers.open(folder).encode("ab".repeat(200_000)).numTokens());
  }

  @Test
  void shouldFindTokensThatPeopleAdd() throws IOException {
    write("added_tokens.json", "{\"<cat>\": 9}");
    assertArrayEquals(new int[] {2, 9, 3}, tokens("a<cat>b"));
    Files.delete(folder.resolve("added_tokens.json"));
    write(
        "tokenizer_config.json",
        "{" + CLASS + ", \"added_tokens_decoder\": {\"9\": {\"content\": \"<CAT>\", \"normalized\": true}}}");
    assertArrayEquals(new int[] {2, 9, 3}, tokens("a<cAt>b"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          tokenizer_config.json | {CLASS, "pad_token": "[PAD]"}                            | pad_token: found "[PAD]", expected a token of
          tokenizer_config.json | {CLASS, "pad_token": 3}                                  | pad_token: found 3, expected a token
          tokenizer_config.json | {CLASS, "pad_token": {"content": "a", "lstrip": true}}   | found lstrip true, expected false
          tokenizer_config.json | {CLASS, "model_max_length": 1}                           | model_max_length: found 1, expected room
          tokenizer_config.json | {CLASS, "added_tokens_decoder": {"x": {"content": "c"}}} | found id x, expected a number
          tokenizer_config.json | {CLASS, "added_tokens_decoder": {"1": {"content": "a"}}} | found id 1, expected 0 as elsewhere
          vocab.json            | {"a": -1}                                                | "a": found -1, expected an id
          vocab.json            | {}                                                       | found no tokens, expected a vocabulary
          vocab.json            | {"a": 1                                                  | not JSON
          merges.txt            | a b c                                                    | line 1: found 3 parts, expected 2
          merges.txt            | a c                                                      | found "a c", expected parts and result in
          """)
  void shouldRefuseInOneLine(String file, String text, String expected) throws IOException {
    write(file, text.replace("CLASS", CLASS));
    String line = assertThrows(UserException.class, () -> Tokenizers.open(folder)).getMessage();
    assertTrue(line.startsWith(folder.resolve(file) + ": "), line);
    assertTrue(line.contains(expected), line);
    assertEquals(1, line.lines().count(), line);
  }

  @Test
  void shouldNameTheFilesThatLack() throws IOException {
    Files.delete(folder.resolve("merges.txt"));
    String line = assertThrows(UserException.class, () -> Tokenizers.open(folder)).getMessage();
    assertTrue(line.contains("expected vocab.json and merges.txt, or tokenizer.json"), line);
  }
}
