package kiln.data.typography;

import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is true about a typographic picture.
 *
 * @param text exactly what is written
 * @param font the face
 * @param color of the text, {@code #rrggbb}
 * @param background {@code #rrggbb}
 * @param box the smallest whole pixels around all ink
 * @param characters each glyph with its box, in reading order
 */
public record TypographyTruth(
    String text, String font, String color, String background, Box box, List<Character> characters) {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /** Pixels from the left and the top. */
  public record Box(int x, int y, int width, int height) {}

  /** A glyph; white space has none. */
  public record Character(String text, Box box) {}

  public String toJson() {
    return MAPPER.writeValueAsString(this);
  }

  public static TypographyTruth parse(String json) {
    return MAPPER.readValue(json, TypographyTruth.class);
  }
}
