package kiln.model.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import kiln.bindings.UserException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Reads the fields of a Hugging Face {@code config.json}. Every field must be asked for, fixed to the values that are
 * implemented, or named as harmless; {@link #finish} refuses any other field that is not null or false, because it may change
 * what the network computes. A missing field takes the library's default.
 *
 * <p>All methods throw {@link UserException} with one line that names file, field, what was found and what was expected.
 */
public final class ConfigReader {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final String source;
  private final JsonNode object;
  private final Set<String> known = new HashSet<>();

  /**
   * @param source the file's name, for messages
   */
  public ConfigReader(String source, JsonNode object) {
    this.source = source;
    this.object = object;
    if (!object.isObject()) {
      throw new UserException(source + ": expected a JSON object, found " + object);
    }
  }

  /** Reads {@code file}. */
  public static ConfigReader open(Path file) {
    try {
      return new ConfigReader(file.toString(), MAPPER.readTree(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new UserException(file + ": cannot be read: " + e.getMessage());
    } catch (JacksonException e) {
      throw new UserException(file + ": not JSON: " + e.getOriginalMessage());
    }
  }

  /** Whether there is such a field, be it null: for those whose default is not what null means. */
  public boolean has(String field) {
    return object.has(field);
  }

  public int integer(String field, int missing) {
    JsonNode value = get(field);
    return value == null ? missing : toInt(field, value);
  }

  /** As {@link #integer}, where null means the same as no field. */
  public int integerOrNull(String field, int missing) {
    JsonNode value = get(field);
    return value == null || value.isNull() ? missing : toInt(field, value);
  }

  public double number(String field, double missing) {
    JsonNode value = get(field);
    if (value != null && !value.isNumber()) {
      throw wrong(field, value, "a number");
    }
    return value == null ? missing : value.doubleValue();
  }

  public boolean flag(String field, boolean missing) {
    JsonNode value = get(field);
    if (value != null && !value.isBoolean()) {
      throw wrong(field, value, "true or false");
    }
    return value == null ? missing : value.booleanValue();
  }

  /** A text, or {@code ifNull} if the field is there and null. */
  public String text(String field, String missing, String ifNull) {
    JsonNode value = get(field);
    if (value == null) {
      return missing;
    }
    if (value.isNull()) {
      return ifNull;
    }
    return toText(field, value);
  }

  public List<String> texts(String field, List<String> missing) {
    JsonNode value = get(field);
    return value == null ? missing : elements(field, value).stream().map(v -> toText(field, v)).toList();
  }

  public List<Integer> integers(String field, List<Integer> missing) {
    JsonNode value = get(field);
    return value == null ? missing : elements(field, value).stream().map(v -> toInt(field, v)).toList();
  }

  /** One number, or a list of some; {@code missing} if there is no field or null. */
  public List<Integer> oneOrMore(String field, List<Integer> missing) {
    JsonNode value = get(field);
    if (value == null || value.isNull()) {
      return missing;
    }
    return value.isArray() ? integers(field, missing) : List.of(toInt(field, value));
  }

  /** One number for all levels or a list with one for each. */
  public List<Integer> perLevel(String field, int levels, int missing) {
    JsonNode value = get(field);
    if (value == null) {
      return Collections.nCopies(levels, missing);
    }
    if (!value.isArray()) {
      return Collections.nCopies(levels, toInt(field, value));
    }
    if (value.size() != levels) {
      throw wrong(field, value, "one number or " + levels);
    }
    return integers(field, List.of());
  }

  /** Accepts a field that is missing, null, or one of {@code values} (compared as JSON prints them, numbers by value). */
  public ConfigReader only(String field, Object... values) {
    JsonNode value = get(field);
    if (value == null || value.isNull()) {
      return this;
    }
    Predicate<Object> equal =
        expected ->
            expected instanceof Number number
                ? value.isNumber() && value.doubleValue() == number.doubleValue()
                : expected instanceof String text ? value.isString() && value.stringValue().equals(text)
                : value.isBoolean() && expected.equals(value.booleanValue());
    if (Arrays.stream(values).noneMatch(equal)) {
      String expected = values.length == 0 ? "null" : "one of " + Arrays.toString(values);
      throw wrong(field, value, expected + " (others are not implemented)");
    }
    return this;
  }

  /** Names fields that change nothing of what is computed. */
  public ConfigReader harmless(String... fields) {
    known.addAll(Arrays.asList(fields));
    return this;
  }

  /** Refuses every field that nobody asked for, unless it is null or false or starts with an underscore. */
  public void finish() {
    for (String field : object.propertyNames()) {
      JsonNode value = object.get(field);
      boolean off = value.isNull() || value.isBoolean() && !value.booleanValue();
      if (!known.contains(field) && !field.startsWith("_") && !off) {
        throw wrong(field, value, "no such field");
      }
    }
  }

  /** The complaint about a value that parses but does not fit. */
  public UserException invalid(IllegalArgumentException cause) {
    return new UserException(source + ": " + cause.getMessage());
  }

  private JsonNode get(String field) {
    known.add(field);
    return object.get(field);
  }

  private List<JsonNode> elements(String field, JsonNode value) {
    if (!value.isArray()) {
      throw wrong(field, value, "a list");
    }
    List<JsonNode> elements = new ArrayList<>();
    value.forEach(elements::add);
    return elements;
  }

  private int toInt(String field, JsonNode value) {
    if (!value.canConvertToInt() || value.doubleValue() != value.intValue()) {
      throw wrong(field, value, "a whole number");
    }
    return value.intValue();
  }

  private String toText(String field, JsonNode value) {
    if (!value.isString()) {
      throw wrong(field, value, "a text");
    }
    return value.stringValue();
  }

  private UserException wrong(String field, JsonNode value, String expected) {
    return new UserException(source + ": " + field + ": found " + value + ", expected " + expected);
  }
}
