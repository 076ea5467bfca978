package kiln.data.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kiln.data.text.Tokenizer.Encoded;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Exact equality with transformers' CLIPTokenizer; bench/peers/clip_tokenizer.py wrote the folders and the ids. */
final class ClipTokenizerGoldenTest {
  private static final JsonNode CASES = TokenizerConfig.object(golden("cases.json"));

  private static Path golden(String name) {
    try {
      return Path.of(ClipTokenizerGoldenTest.class.getResource("/golden-clip/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"eos", "exclamation", "added", "small"})
  void shouldEncodeAsPublished(String folder) {
    Tokenizer tokenizer = Tokenizers.open(golden(folder));
    assertTrue(tokenizer.padsToMaxLength());
    JsonNode texts = CASES.path("texts");
    assertFalse(texts.isEmpty());
    int cuts = 0;
    for (int i = 0; i < texts.size(); i++) {
      String text = texts.get(i).stringValue();
      int[] all = CASES.path("ids").path(folder).get(i).valueStream().mapToInt(JsonNode::intValue).toArray();
      Encoded encoded = tokenizer.encode(text);
      assertEquals(tokenizer.maxLength(), encoded.ids().length);
      if (all.length <= tokenizer.maxLength()) {
        assertEquals("", encoded.cut());
        assertArrayEquals(padded(all, tokenizer), encoded.ids(), text);
        assertEquals(all.length, encoded.numTokens());
      } else {
        cuts++;
        checkCut(golden(folder), tokenizer, text, all, encoded);
      }
    }
    assertTrue(cuts > 0, "no text is cut");
  }

  private static int[] padded(int[] ids, Tokenizer tokenizer) {
    int[] row = Arrays.copyOf(ids, tokenizer.maxLength());
    Arrays.fill(row, ids.length, row.length, tokenizer.padId());
    return row;
  }

  /** What is kept is the beginning of what is published, less than a character shorter; kept and cut are the whole text. */
  private static void checkCut(Path folder, Tokenizer tokenizer, String text, int[] all, Encoded encoded) {
    int kept = encoded.numTokens() - 1;
    assertTrue(kept >= tokenizer.maxLength() - 4, text);
    assertArrayEquals(Arrays.copyOf(all, kept), Arrays.copyOf(encoded.ids(), kept), text);
    assertEquals(all[all.length - 1], encoded.ids()[kept]);
    assertFalse(encoded.cut().isEmpty());
    String whole = text.stripTrailing();
    assertTrue(whole.endsWith(encoded.cut()), text);
    String start = whole.substring(0, whole.length() - encoded.cut().length());
    String spelled = spelled(folder, Arrays.copyOfRange(encoded.ids(), 1, kept));
    if (!spelled.contains("<unk>")) {
      assertTrue(spelled.startsWith(cleanWithoutSpace(start)), text);
      // a character that normalization takes apart may be kept in part
      assertTrue(cleanWithoutSpace(start + Character.toString(encoded.cut().codePointAt(0))).startsWith(spelled), text);
    }
  }

  private static String cleanWithoutSpace(String text) {
    return ClipText.clean(text).replace(" ", "");
  }

  /** The text of the ids, without white space. */
  private static String spelled(Path folder, int[] ids) {
    Map<Integer, String> spellings = new HashMap<>();
    ClipVocabulary.read(folder).ids().forEach((spelling, id) -> spellings.put(id, spelling));
    List<String> letters = List.of(BytePairs.letters());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int id : ids) {
      String spelling = spellings.get(id);
      String word = spelling.endsWith("</w>") ? spelling.substring(0, spelling.length() - "</w>".length()) : spelling;
      word.chars().forEach(c -> bytes.write(letters.indexOf(Character.toString(c))));
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
