package kiln.model.weights;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kiln.bindings.UserException;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The index of a network's weights in several files: that of Hugging Face's libraries, and where files divide tensors among
 * themselves, which those libraries do not know, {@code pieces}:
 *
 * <pre>
 *   {"metadata": {"total_size": 1234},
 *    "weight_map": {"norm.bias": "model-00001-of-00002.safetensors"},
 *    "pieces": {"norm.weight": {"shape": [2, 8], "parts": [
 *      {"file": "model-00001-of-00002.safetensors", "offset": 0, "count": 11},
 *      {"file": "model-00002-of-00002.safetensors", "offset": 11, "count": 5}]}}}
 * </pre>
 */
final class IndexFile {
  static final String WEIGHT_MAP = "weight_map";
  static final String PIECES = "pieces";

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private IndexFile() {}

  /**
   * Writes an index, whole or not at all.
   *
   * @param weightMap files by tensor
   * @param cut tensors that lie in several files
   * @throws UserException if the file system refuses
   */
  static void write(Path index, long totalBytes, Map<String, String> weightMap, List<TensorPlace> cut) {
    ObjectNode root = JSON.createObjectNode();
    root.putObject("metadata").put("total_size", totalBytes);
    ObjectNode map = root.putObject(WEIGHT_MAP);
    new TreeMap<>(weightMap).forEach(map::put);
    if (!cut.isEmpty()) {
      ObjectNode pieces = root.putObject(PIECES);
      cut.forEach(place -> put(pieces.putObject(place.tensor()), place));
    }
    byte[] json = JSON.writeValueAsBytes(root);
    WholeFile.write(index, channel -> {
      WholeFile.append(channel, ByteBuffer.wrap(json));
      return null;
    });
  }

  private static void put(ObjectNode node, TensorPlace place) {
    ArrayNode shape = node.putArray("shape");
    Arrays.stream(place.shape().dims()).forEach(shape::add);
    ArrayNode parts = node.putArray("parts");
    for (TensorPlace.Part part : place.parts()) {
      parts.addObject().put("file", part.file()).put("offset", part.offset()).put("count", part.count());
    }
  }
}
