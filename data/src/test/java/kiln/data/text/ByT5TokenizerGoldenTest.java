package kiln.data.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Exact equality with the published tokenizer; its special tokens inside texts are plain bytes here (see the class). */
class ByT5TokenizerGoldenTest {
  private static JsonNode golden;

  @BeforeAll
  static void read() throws Exception {
    golden = JsonMapper.builder().build().readTree(Golden.read("byt5_tokenizer.json"));
  }

  private static int[] ints(JsonNode array) {
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asInt();
    }
    return values;
  }

  private static JsonNode cases(String name) {
    JsonNode cases = golden.get(name);
    assertFalse(cases.isEmpty());
    return cases;
  }

  @Test
  void shouldHaveThePublishedConstants() {
    assertEquals(golden.get("pad_id").asInt(), ByT5Tokenizer.PAD);
    assertEquals(golden.get("eos_id").asInt(), ByT5Tokenizer.EOS);
    assertEquals(golden.get("unk_id").asInt(), ByT5Tokenizer.UNK);
    assertEquals(golden.get("byte_offset").asInt(), ByT5Tokenizer.BYTE_OFFSET);
    assertEquals(golden.get("vocab_size").asInt(), ByT5Tokenizer.VOCABULARY);
    assertEquals(golden.get("first_extra_id").asInt(), ByT5Tokenizer.FIRST_SENTINEL);
  }

  @Test
  void shouldEncode() {
    for (JsonNode c : cases("encode")) {
      String text = c.get("text").asString();
      assertEquals(
          c.get("utf8_hex").asString(), HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8)));
      assertArrayEquals(ints(c.get("ids")), ByT5Tokenizer.encode(text), text);
    }
  }

  @Test
  void shouldPadAndTruncate() {
    int length = golden.get("max_length").asInt();
    for (JsonNode c : cases("encode")) {
      int[] ids = ByT5Tokenizer.encodePadded(c.get("text").asString(), length);
      assertArrayEquals(ints(c.get("ids_padded")), ids, c.toString());
      assertArrayEquals(ints(c.get("attention_mask_padded")), ByT5Tokenizer.mask(ids), c.toString());
    }
  }

  @Test
  void shouldDecode() {
    for (JsonNode c : cases("decode")) {
      int[] ids = ints(c.get("ids"));
      assertEquals(c.get("text").asString(), ByT5Tokenizer.decode(ids, false), c.toString());
      assertEquals(c.get("text_skip_special").asString(), ByT5Tokenizer.decode(ids, true), c.toString());
    }
  }

  @Test
  void shouldCutTrainingCaptionsBetweenCharacters() {
    for (JsonNode c : cases("encode")) {
      String text = c.get("text").asString();
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      for (int length = 2; length <= utf8.length + 3; length++) {
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment ids = arena.allocate(ValueLayout.JAVA_INT, length);
          MemorySegment mask = arena.allocate(ValueLayout.JAVA_INT, length);
          ByT5Tokenizer.encode(utf8, ids, mask);
          int[] row = ids.toArray(ValueLayout.JAVA_INT);
          assertArrayEquals(ByT5Tokenizer.mask(row), mask.toArray(ValueLayout.JAVA_INT));
          String kept = ByT5Tokenizer.decode(row, true);
          assertEquals(text.substring(0, kept.length()), kept);
          int bytes = kept.getBytes(StandardCharsets.UTF_8).length;
          assertEquals(ByT5Tokenizer.EOS, row[bytes]);
          int next = kept.length() == text.length() ? 0 : new String(Character.toChars(text.codePointAt(kept.length())))
              .getBytes(StandardCharsets.UTF_8).length;
          assertEquals(next == 0, bytes == utf8.length);
          assertFalse(next > 0 && bytes + next <= length - 1, "another character would have fitted");
        }
      }
    }
  }
}
