package kiln.launcher.pipeline;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import kiln.launcher.preset.PresetJson;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** All JSON files of a pipeline folder but the networks' own. */
public final class PipelineDocuments {
  /** The folder of the noise schedule. */
  public static final String SCHEDULER = "scheduler";

  /** The file in it. */
  public static final String SCHEDULER_CONFIG = "scheduler_config.json";

  /** Of which class of which library each folder is: with it, diffusers takes a folder of networks for a pipeline. */
  private static final String INDEX = "model_index.json";

  private static final String CLASS = "_class_name";

  /** What the pipeline may have and Kiln's models do not; null says so. */
  private static final List<String> ABSENT = List.of("feature_extractor", "safety_checker");

  private PipelineDocuments() {}

  /**
   * The files of a diffusion model that a ByT5 steers, by their paths in the pipeline's folder.
   *
   * @param networks config.json of each network by its folder's name
   * @param scheduler scheduler_config.json
   * @param maxLength tokens of a caption at most
   */
  public static Map<String, ObjectNode> of(Map<String, ObjectNode> networks, ObjectNode scheduler, int maxLength) {
    Map<String, ObjectNode> tokenizer = ByT5TokenizerFiles.of(maxLength);
    Map<String, ObjectNode> components = new TreeMap<>(networks);
    components.put(SCHEDULER, scheduler);
    components.put(ByT5TokenizerFiles.FOLDER, tokenizer.get(ByT5TokenizerFiles.CONFIG));

    Map<String, ObjectNode> documents = new LinkedHashMap<>();
    documents.put(INDEX, index(components));
    documents.put(SCHEDULER + "/" + SCHEDULER_CONFIG, scheduler);
    tokenizer.forEach((name, json) -> documents.put(ByT5TokenizerFiles.FOLDER + "/" + name, json));
    return documents;
  }

  private static ObjectNode index(Map<String, ObjectNode> components) {
    ObjectNode index = PresetJson.MAPPER.createObjectNode();
    index.put(CLASS, "StableDiffusionPipeline").put("_diffusers_version", "0.21.0").put("requires_safety_checker", false);
    ABSENT.forEach(name -> index.putArray(name).addNull().addNull());
    components.forEach((folder, config) -> index.putArray(folder).add(library(config)).add(className(config)));
    return index;
  }

  private static String library(ObjectNode config) {
    return config.has(CLASS) ? "diffusers" : "transformers";
  }

  /** The Python class that reads a component, as its configuration names it. */
  private static String className(ObjectNode config) {
    return Stream.of(config.path(CLASS), config.path("architectures").path(0), config.path("tokenizer_class"))
        .filter(JsonNode::isString)
        .map(JsonNode::stringValue)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("a configuration without a class: " + config));
  }
}
