package kiln.launcher.checkpoint;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kiln.model.weights.WeightFinder;

/**
 * The sets of tensors that lie in a checkpoint, whatever number of ranks wrote them.
 *
 * @param weights by the set's name ({@code unet/diffusion_pytorch_model}): the file, or the index of several, as seen from the
 *     checkpoint
 */
public record StoredSets(Map<String, Path> weights) {
  private static final String SUFFIX = WeightFinder.SUFFIX;
  private static final String INDEX = WeightFinder.INDEX_SUFFIX;
  private static final Pattern SHARD = Pattern.compile("(.*)-\\d{5}-of-\\d{5}\\.safetensors");

  public StoredSets {
    weights = new TreeMap<>(weights);
  }

  public static StoredSets of(CheckpointManifest manifest) {
    Map<String, Path> weights = new TreeMap<>();
    for (String file : manifest.files().keySet()) {
      if (isIndex(file)) {
        weights.put(file.substring(0, file.length() - INDEX.length()), Path.of(file));
      } else if (file.endsWith(SUFFIX) && !isJoined(manifest, file)) {
        weights.putIfAbsent(file.substring(0, file.length() - SUFFIX.length()), Path.of(file));
      }
    }
    return new StoredSets(weights);
  }

  static boolean isIndex(String file) {
    return file.endsWith(INDEX);
  }

  /** Whether a file is one of several that an index joins. */
  static boolean isJoined(CheckpointManifest manifest, String file) {
    Matcher shard = SHARD.matcher(file);
    return shard.matches() && manifest.files().containsKey(shard.group(1) + INDEX);
  }

  /** Where a set lies that is in one file. */
  static Path single(String set) {
    return Path.of(set + SUFFIX);
  }
}
