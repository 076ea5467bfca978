package kiln.data.documents;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import kiln.data.typeset.Boxes;
import kiln.data.typography.TypographyTruth.Box;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is true about a page.
 *
 * @param parse its contents by field, as Donut has them
 * @param kind such as {@code invoice}
 * @param text all of it in reading order, lines divided by line feeds
 * @param language ISO 639-1
 * @param script ISO 15924
 * @param direction {@code ltr} or {@code rtl}
 * @param fonts faces of body and headings
 * @param angle of the sheet, degrees clockwise
 * @param caption what the caption is: {@code text} (as many whole lines as fit) or {@code prompt}
 * @param boxes what boxes are of: {@code ink}
 * @param box around all text
 */
public record DocumentTruth(
    @JsonProperty("gt_parse") Map<String, Object> parse,
    String kind,
    String text,
    String language,
    String script,
    String direction,
    List<String> fonts,
    double angle,
    String caption,
    String boxes,
    Box box,
    List<Boxes.Mark> lines,
    List<Boxes.Mark> words) {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  public String toJson() {
    return MAPPER.writeValueAsString(this);
  }

  public static DocumentTruth parse(String json) {
    return MAPPER.readValue(json, DocumentTruth.class);
  }
}
