package kiln.launcher.compare;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import kiln.bindings.UserException;
import kiln.launcher.checkpoint.CheckpointManifest;
import kiln.launcher.checkpoint.StoredSets;
import kiln.launcher.checkpoint.TrainingRecord;
import kiln.launcher.preset.PresetJson;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What two checkpoints have in common.
 *
 * @param values of JSON files that differ, by file
 * @param circumstances values of training.json that differ and tell how it was made, not what: they make no difference
 * @param onlyInA files of JSON, and sets of tensors
 * @param onlyInB likewise
 * @param sets of tensors that are in both
 */
public record CheckpointDifference(
    Path a,
    Path b,
    Map<String, List<ValueDifference>> values,
    List<ValueDifference> circumstances,
    List<String> onlyInA,
    List<String> onlyInB,
    List<SetDifference> sets) {
  /** Fields of training.json that tell how a run went, not what it computed. */
  private static final Set<String> CIRCUMSTANCES = Set.of("seconds", "ranks", "sharding", "versions");

  private static final String DATA = "data";
  private static final String FOLDER = "folder";
  private static final String INDEX = ".safetensors.index.json";

  /** Whether all numbers are equal bit for bit, and all configurations. */
  public boolean isEqual() {
    return values.isEmpty() && onlyInA.isEmpty() && onlyInB.isEmpty() && sets.stream().allMatch(SetDifference::isEqual);
  }

  /**
   * Reads both.
   *
   * @throws UserException if one of them is no checkpoint, or a file of it cannot be read
   */
  public static CheckpointDifference of(Path a, Path b) {
    CheckpointManifest inA = CheckpointManifest.read(a);
    CheckpointManifest inB = CheckpointManifest.read(b);
    List<String> onlyInA = new ArrayList<>();
    List<String> onlyInB = new ArrayList<>();
    Map<String, List<ValueDifference>> values = new LinkedHashMap<>();
    List<ValueDifference> circumstances = List.of();
    for (String name : both(documents(a, inA), documents(b, inB), onlyInA, onlyInB)) {
      ObjectNode left = read(a.resolve(name));
      ObjectNode right = read(b.resolve(name));
      if (name.equals(TrainingRecord.FILE)) {
        circumstances = ValueDifference.all(take(left), take(right));
      }
      List<ValueDifference> differences = ValueDifference.all(left, right);
      if (!differences.isEmpty()) {
        values.put(name, differences);
      }
    }
    Map<String, Path> setsA = StoredSets.of(inA).weights();
    Map<String, Path> setsB = StoredSets.of(inB).weights();
    List<SetDifference> sets = new ArrayList<>();
    for (String set : both(setsA, setsB, onlyInA, onlyInB)) {
      sets.add(SetDifference.of(set, a.resolve(setsA.get(set)), b.resolve(setsB.get(set))));
    }
    return new CheckpointDifference(a, b, values, circumstances, onlyInA, onlyInB, sets);
  }

  /** Configurations, by their names in the checkpoint. */
  private static Map<String, Path> documents(Path checkpoint, CheckpointManifest manifest) {
    Map<String, Path> documents = new TreeMap<>();
    for (String file : manifest.files().keySet()) {
      if (file.endsWith(".json") && !file.endsWith(INDEX)) {
        documents.put(file, checkpoint.resolve(file));
      }
    }
    return documents;
  }

  private static Set<String> both(Map<String, Path> a, Map<String, Path> b, List<String> onlyInA, List<String> onlyInB) {
    Set<String> both = new TreeSet<>(a.keySet());
    both.retainAll(b.keySet());
    a.keySet().stream().filter(name -> !both.contains(name)).forEach(onlyInA::add);
    b.keySet().stream().filter(name -> !both.contains(name)).forEach(onlyInB::add);
    return both;
  }

  /** Moves what makes no difference out of a record of training. */
  private static ObjectNode take(ObjectNode record) {
    ObjectNode taken = PresetJson.MAPPER.createObjectNode();
    for (String name : CIRCUMSTANCES) {
      JsonNode value = record.remove(name);
      if (value != null) {
        taken.set(name, value);
      }
    }
    if (record.path(DATA) instanceof ObjectNode data && data.has(FOLDER)) {
      taken.putObject(DATA).set(FOLDER, data.remove(FOLDER)); // its fingerprint stays
    }
    return taken;
  }

  private static ObjectNode read(Path file) {
    try {
      return PresetJson.MAPPER.readTree(file).asObject();
    } catch (JacksonException e) {
      throw new UserException(file + ": not a readable JSON object (" + e.getOriginalMessage().lines().findFirst().orElse("") + ")", e);
    }
  }
}
