package kiln.launcher.preset;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kiln.bindings.UserException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.node.ObjectNode;

/** The presets that come with Kiln, and the values in them that a user sets otherwise. */
public final class PresetCatalog {
  /** In the order in which they are listed. */
  private static final List<String> NAMES =
      List.of(
          "quickstart-vae", "quickstart", "stamps-vae", "stamps", "sd21-vae", "sd21-byt5-base", "sd21-half", "tiny-vae", "tiny");

  private PresetCatalog() {}

  public static List<String> names() {
    return NAMES;
  }

  /** The preset of that name as it is delivered. */
  public static Preset get(String name) {
    return get(name, List.of());
  }

  /**
   * A preset with some of its values replaced.
   *
   * @param settings {@code key=value}; the key is the dotted path of a value that the preset has, as in
   *     {@code optimizer.learning_rate=1e-3}; the value is JSON, or a bare word for a text
   * @throws UserException if there is no such preset or key, or the value is of another kind or out of range
   */
  public static Preset get(String name, List<String> settings) {
    if (!NAMES.contains(name)) {
      throw new UserException("option --preset: unknown preset " + name + Near.hint(name, NAMES));
    }
    ObjectNode json = read(name);
    for (String setting : settings) {
      set(json, setting);
    }
    return parse(json);
  }

  /**
   * @throws UserException if a value is of another kind or out of range
   */
  private static Preset parse(ObjectNode json) {
    try {
      return PresetJson.MAPPER.treeToValue(json, Preset.class);
    } catch (JacksonException e) {
      throw userException(e);
    }
  }

  private static UserException userException(JacksonException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof UserException user) {
        return user;
      }
    }
    if (e instanceof InvalidFormatException format && format.getTargetType().isEnum()) {
      String path = format.getPath().stream().map(JacksonException.Reference::getPropertyName).collect(Collectors.joining("."));
      String known =
          Stream.of(format.getTargetType().getEnumConstants())
              .map(constant -> PresetJson.MAPPER.valueToTree(constant).asString())
              .collect(Collectors.joining(", "));
      return new UserException("preset: " + path + ": expected one of " + known + ", found " + format.getValue());
    }
    return new UserException("preset: " + e.getOriginalMessage().lines().findFirst().orElse("unreadable"));
  }

  private static ObjectNode read(String name) {
    String resource = "presets/" + name + ".json";
    try (InputStream in = PresetCatalog.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + resource);
      }
      return (ObjectNode) PresetJson.MAPPER.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void set(ObjectNode root, String setting) {
    int equals = setting.indexOf('=');
    if (equals < 1) {
      throw new UserException("option --set: expected key=value, found " + setting);
    }
    String key = setting.substring(0, equals);
    String text = setting.substring(equals + 1);
    List<String> keys = new ArrayList<>();
    collectKeys(root, "", keys);
    if (!keys.contains(key)) {
      throw new UserException("option --set: unknown key " + key + Near.hint(key, keys));
    }
    ObjectNode parent = root;
    int dot = key.lastIndexOf('.');
    if (dot >= 0) {
      parent = (ObjectNode) root.at("/" + key.substring(0, dot).replace('.', '/'));
    }
    String field = key.substring(dot + 1);
    JsonNode before = parent.get(field);
    JsonNode value = value(text);
    if (!sameKind(before, value)) {
      throw new UserException("option --set: " + key + ": expected " + kind(before) + ", found " + text);
    }
    parent.set(field, value);
  }

  private static JsonNode value(String text) {
    try {
      return PresetJson.MAPPER.readTree(text);
    } catch (JacksonException e) {
      return PresetJson.MAPPER.getNodeFactory().stringNode(text);
    }
  }

  private static boolean sameKind(JsonNode before, JsonNode after) {
    if (before.isNull()) {
      return true;
    }
    boolean integral = !before.isIntegralNumber() || after.isIntegralNumber();
    return before.getNodeType() == after.getNodeType() && integral;
  }

  private static String kind(JsonNode node) {
    String found = node.isContainer() ? "" : " like " + node.asString();
    return switch (node.getNodeType()) {
      case NUMBER -> (node.isIntegralNumber() ? "a whole number" : "a number") + found;
      case STRING -> "a word" + found;
      case BOOLEAN -> "true or false";
      case ARRAY -> "a list like " + node;
      case OBJECT -> "an object";
      case BINARY, MISSING, NULL, POJO -> node.getNodeType().name().toLowerCase(Locale.ROOT);
    };
  }

  /** The paths of all values, {@code name} and {@code objective} apart: other values of those make another preset. */
  private static void collectKeys(ObjectNode node, String prefix, List<String> keys) {
    for (var property : node.properties()) {
      String key = prefix + property.getKey();
      if (property.getValue() instanceof ObjectNode object) {
        collectKeys(object, key + ".", keys);
      } else if (!key.equals("name") && !key.equals("objective") && !key.equals("description")) {
        keys.add(key);
      }
    }
  }
}
