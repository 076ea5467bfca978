package kiln.launcher.folder;

import java.nio.file.Files;
import java.nio.file.Path;
import kiln.bindings.UserException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The JSON files of model folders: one object each. */
final class JsonFile {
  static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private JsonFile() {}

  /**
   * @throws UserException if there is no such file, or it holds no JSON object
   */
  static ObjectNode read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new UserException(file + ": found no such file, expected a JSON object");
    }
    try {
      if (MAPPER.readTree(file) instanceof ObjectNode object) {
        return object;
      }
      throw new UserException(file + ": expected a JSON object, found another value");
    } catch (JacksonException e) {
      String what = e.getOriginalMessage().lines().findFirst().orElse("unreadable");
      throw new UserException(file + ": expected a JSON object, found none (" + what + ")", e);
    }
  }

  /** The text of a field; empty if the field is missing, null or no text. */
  static String text(ObjectNode object, String field) {
    JsonNode value = object.path(field);
    return value.isString() ? value.stringValue() : "";
  }
}
