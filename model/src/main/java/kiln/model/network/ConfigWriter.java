package kiln.model.network;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Builds a Hugging Face {@code config.json}, fields in the order in which they are put. */
public final class ConfigWriter {
  private static final ObjectMapper MAPPER = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final ObjectNode object = MAPPER.createObjectNode();

  /** A text, a number, a truth value, null, a list or an array of these. */
  public ConfigWriter put(String field, Object value) {
    object.set(field, MAPPER.<JsonNode>valueToTree(value));
    return this;
  }

  /** One number if all levels have the same, else the list: some readers know only the former. */
  public ConfigWriter putPerLevel(String field, List<Integer> values) {
    return put(field, new HashSet<>(values).size() == 1 ? values.getFirst() : values);
  }

  /** A whole number without a decimal point, as diffusers writes it. */
  public static Number whole(double value) {
    return value == Math.rint(value) ? (Number) (int) value : (Number) value;
  }

  public ObjectNode toJson() {
    return object;
  }

  /**
   * Writes {@code config} as {@code file}.
   *
   * @throws UncheckedIOException if that fails
   */
  public static void write(Path file, JsonNode config) {
    try {
      Files.writeString(file, MAPPER.writeValueAsString(config) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
