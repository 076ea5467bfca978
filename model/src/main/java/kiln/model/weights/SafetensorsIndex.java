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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Weights in several safetensors files of one folder, as Hugging Face writes large models: {@code model.safetensors.index.json}
 * maps every tensor to its file by {@code weight_map}.
 */
public final class SafetensorsIndex implements AutoCloseable {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final Map<String, SafetensorsFile> byShard = new LinkedHashMap<>();
  private final Map<String, SafetensorsFile> byTensor = new LinkedHashMap<>();

  private SafetensorsIndex() {}

  /**
   * Opens all files that the index names.
   *
   * @throws UserException if the index is malformed, leaves its folder, or names a file or a tensor that is not there
   */
  public static SafetensorsIndex open(Path index) {
    SafetensorsIndex result = new SafetensorsIndex();
    try {
      JsonNode map = JSON.readTree(index).path("weight_map");
      if (!map.isObject()) {
        throw new UserException(index + ": expected an object weight_map");
      }
      map.properties().forEach(property -> result.add(index, property.getKey(), property.getValue()));
      return result;
    } catch (JacksonException e) {
      result.close();
      throw new UserException(index + ": not a readable index (" + e.getOriginalMessage() + ")", e);
    } catch (RuntimeException e) {
      result.close();
      throw e;
    }
  }

  private void add(Path index, String tensor, JsonNode shard) {
    String name = shard.isString() ? shard.stringValue() : "";
    boolean plain = !name.isEmpty() && !name.equals(".") && !name.equals("..") && name.indexOf('/') < 0 && name.indexOf(0) < 0;
    if (!plain) {
      throw new UserException(index + ": weight_map " + tensor + " is " + shard + ", expected a file name of that folder");
    }
    Path path = index.resolveSibling(name);
    if (!Files.exists(path)) {
      throw new UserException(index + ": weight_map " + tensor + " names " + name + ", which is not there");
    }
    SafetensorsFile file = byShard.computeIfAbsent(name, n -> SafetensorsFile.open(path));
    if (!file.tensors().containsKey(tensor)) {
      throw new UserException(index + ": weight_map says that " + name + " holds " + tensor + ", but it does not");
    }
    byTensor.put(tensor, file);
  }

  /** The file of every tensor, by the tensor's name. */
  public Map<String, SafetensorsFile> tensors() {
    return Collections.unmodifiableMap(byTensor);
  }

  /** All files that the index names. */
  public Collection<SafetensorsFile> shards() {
    return Collections.unmodifiableCollection(byShard.values());
  }

  @Override
  public void close() {
    byShard.values().forEach(SafetensorsFile::close);
  }
}
