package kiln.launcher.folder;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import kiln.bindings.UserException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * model_index.json, diffusers' table of contents of a pipeline folder: {@code "unet": ["diffusers", "UNet2DConditionModel"]}
 * says that {@code unet/} holds such a network; {@code [null, null]} that the pipeline does without. Names that start with an
 * underscore, and values that are no lists, are settings of the pipeline.
 *
 * @param className of the pipeline
 * @param components the class of each one's name, in the order of the file
 */
record ModelIndex(String className, Map<String, String> components) {
  static final String FILE = "model_index.json";

  ModelIndex {
    components = Collections.unmodifiableMap(new LinkedHashMap<>(components));
  }

  /**
   * @throws UserException if the file is damaged
   */
  static ModelIndex read(Path file) {
    ObjectNode json = JsonFile.read(file);
    String className = last(json.path("_class_name"));
    if (className.isEmpty()) {
      throw new UserException(file + ": _class_name: expected the pipeline's class, found " + found(json.path("_class_name")));
    }
    Map<String, String> components = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> property : json.properties()) {
      String name = property.getKey();
      JsonNode value = property.getValue();
      if (name.startsWith("_") || !value.isArray() || isLeftOut(value)) {
        continue;
      }
      if (value.size() != 2 || last(value).isEmpty()) {
        throw new UserException(file + ": " + name + ": expected [library, class], found " + value);
      }
      if (!name.matches("\\w[\\w.-]*")) {
        throw new UserException(file + ": expected names of folders in this one, found " + name);
      }
      components.put(name, last(value));
    }
    if (components.isEmpty()) {
      throw new UserException(file + ": expected components like \"unet\": [library, class], found none");
    }
    return new ModelIndex(className, components);
  }

  private static boolean isLeftOut(JsonNode value) {
    return value.size() == 2 && value.get(1).isNull();
  }

  /** A text, or the last one of a list; empty if it is neither. */
  private static String last(JsonNode value) {
    JsonNode node = value.isArray() && !value.isEmpty() ? value.get(value.size() - 1) : value;
    return node.isString() ? node.stringValue() : "";
  }

  private static String found(JsonNode value) {
    return value.isMissingNode() ? "none" : value.toString();
  }
}
