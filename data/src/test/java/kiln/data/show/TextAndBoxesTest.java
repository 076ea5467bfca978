package kiln.data.show;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class TextAndBoxesTest {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private static List<TruthBoxes.Shape> boxes(String json) {
    return TruthBoxes.in(MAPPER.readTree(json));
  }

  @Test
  void shouldMarkWhatCannotBeSeen() {
    assertEquals(
        "a\\nb\\t\\u{0000}\\u{007F}\\u{0085}\\u{202E}\\u{2028}\\u{FEFF}\\u{D800}\\u{E000}\\u{FFFF}",
        VisibleText.line("a\nb\t\0\u007f\u0085\u202E\u2028\uFEFF\uD800\uE000\uFFFF"));
    assertEquals(
        new VisibleText.Part("\\n", "U+000A LINE FEED (LF)"), VisibleText.parts("a\nb").get(1));
  }

  @Test
  void shouldLeaveLettersAndJoinersAlone() {
    for (String text : List.of("naïve “q” – 日本", "مرحبا", "می\u200Cخواهم", "👩\u200D👧 e\u0301", "<b>&\"'")) {
      assertEquals(List.of(new VisibleText.Part(text, "")), VisibleText.parts(text));
      assertEquals(List.of(new VisibleText.Part(text, "")), VisibleText.parts(text.getBytes(StandardCharsets.UTF_8)));
    }
  }

  @Test
  void shouldShowBytesThatAreNotUtf8() {
    byte[] bytes = {'a', (byte) 0xff, 'b', (byte) 0xe6, (byte) 0x97, 'c', (byte) 0xed, (byte) 0xa0, (byte) 0x80, (byte) 0xc3};
    StringBuilder all = new StringBuilder();
    VisibleText.parts(bytes).forEach(part -> all.append(part.text()));
    assertEquals("a\\xFFb\\xE6\\x97c\\xED\\xA0\\x80\\xC3", all.toString());
    assertEquals(List.of(), VisibleText.parts(new byte[0]));
  }

  @Test
  void shouldFindBoxesOfAnyDepthAndForm() {
    List<TruthBoxes.Shape> found =
        boxes(
            """
            {"box": [1, 2, 3, 4], "boxes": "ink", "text": "all",
             "lines": [{"text": "one", "box": {"x": 0, "y": 1, "width": 2, "height": 3},
                        "words": [{"text": "w", "box": {"x": 5, "y": 5, "width": 1, "height": 1},
                                   "quad": [0, 0, 4, 1, 4, 3, 0, 2]}]}],
             "cells": {"boxes": [[0, 0, 1, 1], [1, 1, 2, 2]]},
             "parts": [{"polygon": [[0, 0], [1, 0], [1, 1]]}, {"corners": [{"x": 1, "y": 1}, {"x": 2, "y": 1}, {"x": 2, "y": 2}]}]}
            """);
    assertEquals(
        List.of("box", "lines", "words", "cells", "cells", "parts", "parts"),
        found.stream().map(TruthBoxes.Shape::kind).toList());
    assertEquals(List.of(0., 1., 2., 1., 2., 4., 0., 4.), found.get(1).corners());
    assertEquals("one", found.get(1).label());
    assertEquals(List.of(0., 0., 4., 1., 4., 3., 0., 2.), found.get(2).corners()); // its box is around that
    assertEquals(List.of(1., 1., 2., 1., 2., 2.), found.get(6).corners());
  }

  @Test
  void shouldPassOverWhatIsNoBox() {
    for (String json :
        List.of(
            "{\"box\": [1, 2, 3]}", "{\"box\": [1, 2, -3, 4]}", "{\"box\": \"1 2 3 4\"}", "{\"box\": null}", "[]", "3",
            "{\"box\": {\"x\": 1, \"y\": 2}}", "{\"box\": [1, 2, 1e300, 4]}", "{\"quad\": [1, 2, 3]}",
            "{\"quad\": [[1, 2], [3], [4, 5]]}", "{\"boxes\": 3}", "{\"inbox\": [1, 2, 3, 4]}")) {
      assertEquals(List.of(), boxes(json), json);
    }
  }

  @Test
  void shouldEndSearchOfDeepAndLongTruths() {
    assertEquals(List.of(), boxes("[".repeat(400) + "{\"box\": [1, 2, 3, 4]}" + "]".repeat(400)));
    String many = "{\"boxes\": [" + "[0,0,1,1],".repeat(20_000) + "[0,0,1,1]]}";
    assertEquals(TruthBoxes.MOST_SHAPES, boxes(many).size());
  }

  @Test
  void shouldTellBoxesThatLeaveThePicture() {
    assertFalse(boxes("{\"box\": [0, 0, 8, 4]}").getFirst().leaves(4, 8));
    assertTrue(boxes("{\"box\": [0, 0, 4, 8]}").getFirst().leaves(4, 8));
    assertTrue(boxes("{\"box\": [-1, 0, 4, 4]}").getFirst().leaves(4, 8));
  }
}
