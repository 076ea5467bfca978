package kiln.model.weights;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import kiln.bindings.UserException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Weights in several safetensors files of one folder, as Hugging Face writes large models: {@code model.safetensors.index.json}
 * maps every tensor to its file by {@code weight_map}. Tensors that several files divide are under {@code pieces}, which only
 * Kiln writes and reads (see {@link IndexFile}).
 */
final class SafetensorsIndex implements AutoCloseable {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Path index;
  private final Map<String, SafetensorsFile> byName = new LinkedHashMap<>();
  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();

  private SafetensorsIndex(Path index) {
    this.index = index;
  }

  /**
   * Opens all files that the index names.
   *
   * @throws UserException if the index is malformed, leaves its folder, or names a file or a tensor that is not there; or the
   *     pieces of a tensor are not all of it, and each there once, as one-dimensional float32
   */
  static SafetensorsIndex open(Path index) {
    SafetensorsIndex result = new SafetensorsIndex(index);
    try {
      result.add(JSON.readTree(index));
      return result;
    } catch (JacksonException e) {
      result.close();
      throw new UserException(index + ": not a readable index (" + e.getOriginalMessage() + ")", e);
    } catch (RuntimeException e) {
      result.close();
      throw e;
    }
  }

  private void add(JsonNode root) {
    JsonNode map = root.path(IndexFile.WEIGHT_MAP);
    if (!map.isObject()) {
      throw new UserException(index + ": expected an object weight_map");
    }
    for (Map.Entry<String, JsonNode> property : map.properties()) {
      String tensor = property.getKey();
      JsonNode name = property.getValue();
      String what = IndexFile.WEIGHT_MAP + " " + tensor;
      if (!name.isString()) {
        throw new UserException(index + ": " + what + " is " + name + ", expected a file name of that folder");
      }
      tensors.put(tensor, StoredTensor.whole(file(what, name.stringValue(), tensor), tensor));
    }
    for (TensorPlace place : new PieceReader(index).read(root.path(IndexFile.PIECES))) {
      if (tensors.put(place.tensor(), cut(place)) != null) {
        throw new UserException(index + ": found tensor " + place.tensor() + " in weight_map and in pieces, expected it once");
      }
    }
  }

  private StoredTensor cut(TensorPlace place) {
    String what = IndexFile.PIECES + " " + place.tensor();
    return PieceReader.stored(place, part -> file(what, part.file(), place.tensor()));
  }

  private SafetensorsFile file(String what, String name, String tensor) {
    if (!TensorPlace.isFileName(name)) {
      throw new UserException(index + ": " + what + " is " + name + ", expected a file name of that folder");
    }
    Path path = index.resolveSibling(name);
    if (!Files.isRegularFile(path)) {
      throw new UserException(index + ": " + what + " names " + name + ", which is not there");
    }
    SafetensorsFile file = byName.computeIfAbsent(name, n -> SafetensorsFile.open(path));
    if (!file.tensors().containsKey(tensor)) {
      throw new UserException(index + ": " + what + " says that " + name + " holds it, but it does not");
    }
    return file;
  }

  /** Where every tensor lies, by its name. */
  Map<String, StoredTensor> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /** All files that the index names. */
  Collection<SafetensorsFile> files() {
    return Collections.unmodifiableCollection(byName.values());
  }

  @Override
  public void close() {
    byName.values().forEach(SafetensorsFile::close);
  }
}
