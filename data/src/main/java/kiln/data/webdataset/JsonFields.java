package kiln.data.webdataset;

import java.nio.charset.StandardCharsets;
import java.util.List;
import kiln.data.source.UnusableException;
import kiln.data.text.Utf8;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a sample's {@code .json} says. */
final class JsonFields {
  /** Numbers keep all their digits; NaN is no JSON, but Python writes it. */
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  static final JsonFields NONE = new JsonFields(MAPPER.createObjectNode());

  private final JsonNode object;

  private JsonFields(JsonNode object) {
    this.object = object;
  }

  /**
   * @param origin for messages
   * @throws UnusableException if it is no JSON object
   */
  static JsonFields parse(byte[] json, String origin) throws UnusableException {
    JsonNode node;
    try {
      node = MAPPER.readTree(Utf8.decode(json, origin));
    } catch (Utf8.InvalidUtf8Exception e) {
      throw new UnusableException(Defects.BAD_JSON, e.getMessage());
    } catch (JacksonException e) {
      throw new UnusableException(Defects.BAD_JSON, origin + ": " + OneLine.of(e.getOriginalMessage()));
    }
    if (!node.isObject()) {
      throw new UnusableException(Defects.BAD_JSON, origin + ": expected an object, found " + node.getNodeType());
    }
    return new JsonFields(node);
  }

  /** The first of the fields that holds text, null if none does. */
  byte[] caption(List<String> names) {
    for (String name : names) {
      JsonNode value = object.get(name);
      if (value != null && value.isString()) {
        return value.stringValue().getBytes(StandardCharsets.UTF_8);
      }
    }
    return null;
  }

  /** All of it, in one line. */
  String truth() {
    return MAPPER.writeValueAsString(object);
  }
}
