package kiln.launcher.pipeline;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/** All JSON files of a pipeline folder but the networks' own. */
public final class PipelineDocuments {
  /** The folder of the noise schedule. */
  public static final String SCHEDULER = "scheduler";

  /** The file in it. */
  public static final String SCHEDULER_CONFIG = "scheduler_config.json";

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
    documents.put(ModelIndex.FILE, ModelIndex.of(components));
    documents.put(SCHEDULER + "/" + SCHEDULER_CONFIG, scheduler);
    tokenizer.forEach((name, json) -> documents.put(ByT5TokenizerFiles.FOLDER + "/" + name, json));
    return documents;
  }
}
