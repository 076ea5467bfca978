package kiln.launcher.show;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON for reading: what fits stays on its line. */
final class TruthText {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final int LINE = 76;
  private static final int DEEPEST = 16;

  /** A longer one stays as it is. */
  private static final int LONGEST = 1 << 20;

  private TruthText() {}

  /** The JSON with lines and indents, or the same text if it is none or very long. */
  static String of(byte[] truth) {
    if (truth.length > LONGEST) {
      return new String(truth, StandardCharsets.UTF_8);
    }
    try {
      StringBuilder out = new StringBuilder();
      write(MAPPER.readTree(truth), 0, "", out);
      return out.toString();
    } catch (JacksonException e) {
      return new String(truth, StandardCharsets.UTF_8);
    }
  }

  /**
   * @param before what already stands on the line, but for the indent
   */
  private static void write(JsonNode node, int depth, String before, StringBuilder out) {
    String line = node.toString();
    if (!node.isContainer() || node.isEmpty() || depth > DEEPEST || 2 * depth + before.length() + line.length() <= LINE) {
      out.append(line);
      return;
    }
    String indent = "\n" + "  ".repeat(depth + 1);
    String separator = "";
    out.append(node.isObject() ? '{' : '[');
    if (node.isObject()) {
      for (Map.Entry<String, JsonNode> field : node.properties()) {
        String name = MAPPER.writeValueAsString(field.getKey()) + ": ";
        out.append(separator).append(indent).append(name);
        write(field.getValue(), depth + 1, name, out);
        separator = ",";
      }
    } else {
      for (JsonNode element : node) {
        out.append(separator).append(indent);
        write(element, depth + 1, "", out);
        separator = ",";
      }
    }
    out.append("\n").append("  ".repeat(depth)).append(node.isObject() ? '}' : ']');
  }
}
