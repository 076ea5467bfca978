package kiln.launcher.show;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NotesTest {
  private static List<List<Object>> onlyTable(Object value) {
    List<Section> sections = Notes.sections(Map.of("note", value));
    assertEquals(1, sections.size());
    return sections.getFirst().tables().getFirst().table().rows();
  }

  @Test
  void shouldSumUpWasteOfPreparation() {
    Map<String, Object> buckets = new LinkedHashMap<>();
    buckets.put(
        "32x32 captions 64",
        Map.of("samples", 3, "sourcePixels", 4000, "croppedPixels", 1000, "bucketPixels", 3072, "tokens", 96, "paddedTokens", 96));
    buckets.put("32x64 captions 64", Map.of("samples", 1, "sourcePixels", 1000, "bucketPixels", 2048, "paddedPixels", 512));
    Section section = Notes.sections(Map.of("waste", buckets)).getFirst();
    assertEquals("waste", section.id());
    assertEquals(
        List.of(
            List.of("32x32 captions 64", 3L, 0.25, 0.0, 0L, 0.5, 0L, 0L),
            List.of("32x64 captions 64", 1L, 0.0, 0.25, 0L, 0.0, 0L, 0L),
            List.of("all", 4L, 0.2, 0.1, 0L, 0.5, 0L, 0L)),
        section.tables().getFirst().table().rows());
  }

  @Test
  void shouldMakeTablesOfWhatHasTheirForm() {
    assertEquals(List.of(List.of("de", 3)), onlyTable(Map.of("de", 3)));
    assertEquals(List.of(List.of("a", 1), List.of("b", "")), onlyTable(List.of(ordered("name", "a", "n", 1), Map.of("name", "b"))));
    assertEquals(List.of(List.of("row", "x, y")), onlyTable(Map.of("row", Map.of("list", List.of("x", "y")))));
    assertEquals(List.of(List.of("note", "x, y")), onlyTable(List.of("x", "y")));
    assertEquals(List.of(List.of("note", "two\\nlines")), onlyTable("two\nlines"));
    assertEquals(List.of(), Notes.sections(Map.of()));
  }

  @Test
  void shouldEndLongNotes() {
    String text = (String) onlyTable("x".repeat(1_000_000)).getFirst().get(1);
    assertEquals("x".repeat(2_000) + "… (1000000 characters)", text);
    Map<String, Object> many = new LinkedHashMap<>();
    for (int i = 0; i < 10_000; i++) {
      many.put("name " + i, i);
    }
    assertFalse(onlyTable(many).size() > 200);
  }

  private static Map<String, Object> ordered(String first, Object one, String second, Object two) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(first, one);
    map.put(second, two);
    return map;
  }
}
