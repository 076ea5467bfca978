package kiln.launcher.pipeline;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import kiln.launcher.preset.PresetJson;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * model_index.json: of which class of which library each folder beside it is. With it, a folder of networks is what diffusers'
 * {@code StableDiffusionPipeline} calls a pipeline.
 */
public final class ModelIndex {
  public static final String FILE = "model_index.json";

  private static final String CLASS = "_class_name";

  /** What the pipeline may have and Kiln's models do not; null says so. */
  private static final String[] ABSENT = {"feature_extractor", "safety_checker"};

  private ModelIndex() {}

  /**
   * The index of a latent diffusion model.
   *
   * @param components the JSON that says what each folder holds, by the folder's name: config.json, scheduler_config.json or
   *     tokenizer_config.json
   */
  public static ObjectNode of(Map<String, ObjectNode> components) {
    ObjectNode index = PresetJson.MAPPER.createObjectNode();
    index.put(CLASS, "StableDiffusionPipeline").put("_diffusers_version", "0.21.0").put("requires_safety_checker", false);
    for (String absent : ABSENT) {
      index.putArray(absent).addNull().addNull();
    }
    new TreeMap<>(components)
        .forEach((folder, config) -> index.putArray(folder).add(library(config)).add(className(config)));
    return index;
  }

  private static String library(ObjectNode config) {
    return config.has(CLASS) ? "diffusers" : "transformers";
  }

  /** The Python class that reads a component, as its configuration names it. */
  public static String className(ObjectNode config) {
    return Stream.of(config.path(CLASS), config.path("architectures").path(0), config.path("tokenizer_class"))
        .filter(JsonNode::isString)
        .map(JsonNode::stringValue)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("a configuration without a class: " + config));
  }
}
