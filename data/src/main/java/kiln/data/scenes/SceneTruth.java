package kiln.data.scenes;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import kiln.data.typeset.Boxes;
import kiln.data.typography.TypographyTruth.Box;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is true about a scene.
 *
 * @param text exactly what is written, lines divided by line feeds
 * @param language ISO 639-1
 * @param script ISO 15924
 * @param direction of the lines: {@code ltr}, {@code rtl}, or {@code ttb} for columns from right to left
 * @param font the face
 * @param layout {@code word}, {@code lines}, {@code curve} or {@code vertical}
 * @param bent {@code curve} (an arc) or {@code wave}
 * @param angle of the whole text, degrees clockwise
 * @param color of the text, {@code #rrggbb}
 * @param outline the rim's colour
 * @param shadow whether there is one; it is in no box
 * @param background a colour, the name of a texture, or a photograph
 * @param boxes what boxes are of: {@code ink}
 * @param box around all of it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SceneTruth(
    String text,
    String language,
    String script,
    String direction,
    String font,
    String layout,
    String bent,
    double angle,
    String color,
    String outline,
    boolean shadow,
    String background,
    String boxes,
    Box box,
    List<Boxes.Mark> lines,
    List<Boxes.Mark> words,
    List<Boxes.Mark> characters) {
  static final String INK = "ink";

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  public String toJson() {
    return MAPPER.writeValueAsString(this);
  }

  public static SceneTruth parse(String json) {
    return MAPPER.readValue(json, SceneTruth.class);
  }
}
