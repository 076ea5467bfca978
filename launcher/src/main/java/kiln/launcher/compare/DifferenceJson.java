package kiln.launcher.compare;

import java.util.List;
import kiln.launcher.preset.PresetJson;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A {@link CheckpointDifference} as JSON; numbers are exact. */
public final class DifferenceJson {
  private DifferenceJson() {}

  public static ObjectNode of(CheckpointDifference difference) {
    ObjectNode json = PresetJson.MAPPER.createObjectNode();
    json.put("a", difference.a().toString()).put("b", difference.b().toString());
    json.put("equal", difference.isEqual());
    ObjectNode values = json.putObject("values");
    difference.values().forEach((file, found) -> put(values.putObject(file), found));
    put(json.putObject("circumstances"), difference.circumstances());
    put(json.putArray("only_in_a"), difference.onlyInA());
    put(json.putArray("only_in_b"), difference.onlyInB());
    ObjectNode sets = json.putObject("sets");
    difference.sets().forEach(set -> put(sets.putObject(set.name()), set));
    return json;
  }

  private static void put(ObjectNode node, List<ValueDifference> values) {
    for (ValueDifference value : values) {
      ArrayNode pair = node.putArray(value.path());
      pair.add(value.inA().isMissingNode() ? null : value.inA());
      pair.add(value.inB().isMissingNode() ? null : value.inB());
    }
  }

  private static void put(ArrayNode node, List<String> names) {
    names.forEach(node::add);
  }

  private static void put(ObjectNode node, SetDifference set) {
    node.put("equal", set.equal());
    put(node.putArray("only_in_a"), set.onlyInA());
    put(node.putArray("only_in_b"), set.onlyInB());
    ObjectNode shapes = node.putObject("other_shapes");
    set.otherShapes().forEach((tensor, pair) -> put(shapes.putArray(tensor), pair));
    put(node.putObject("total"), set.total());
    ObjectNode different = node.putObject("different");
    set.different().forEach((tensor, found) -> put(different.putObject(tensor), found));
  }

  private static void put(ObjectNode node, TensorDifference found) {
    node.put("elements", found.elements()).put("different", found.different());
    node.put("max_absolute", found.maxAbsolute()).put("max_relative", found.maxRelative());
    node.put("not_comparable", found.notComparable());
  }
}
