package kiln.model.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import kiln.bindings.UserException;
import kiln.model.weights.SafetensorsWriter.Tensor;

/**
 * Writes the weights of one network as the Hugging Face libraries lay them in a folder:
 *
 * <pre>
 *   model.safetensors                              if all of it fits into one file, else
 *   model-00001-of-00003.safetensors …             at most so many bytes of tensors each, and
 *   model.safetensors.index.json                   {"metadata": {"total_size"}, "weight_map": {tensor: file}}
 * </pre>
 */
public final class WeightFiles {
  /** Bytes of tensors per file that diffusers writes, if nothing else is asked for. */
  public static final long DIFFUSERS_SHARD_BYTES = 10_000_000_000L;

  /** Bytes of tensors per file that transformers writes, if nothing else is asked for. */
  public static final long TRANSFORMERS_SHARD_BYTES = 5_000_000_000L;

  /** The note without which transformers refuses a file. */
  public static final Map<String, String> METADATA = Map.of("format", "pt");

  private WeightFiles() {}

  /** As {@link #write(Path, String, List, long)}, with all floating-point tensors in the type {@code dtype}. */
  public static List<Path> write(Path folder, String stem, List<Tensor> tensors, SafetensorsType dtype, long maxShardBytes) {
    return write(folder, stem, tensors.stream().map(tensor -> tensor.as(dtype)).toList(), maxShardBytes);
  }

  /**
   * Writes tensors in the order given, as they are. A tensor larger than {@code maxShardBytes} gets a file of its own. The
   * index is written last; if something fails, none of the files stays.
   *
   * @param folder that is there and holds no weights of that stem
   * @param stem {@link WeightFinder#TRANSFORMERS_STEM} or {@link WeightFinder#DIFFUSERS_STEM}
   * @param maxShardBytes at least 1
   * @return the files of tensors
   * @throws UserException if weights are there, the file system refuses, or a type cannot hold a tensor's number
   */
  public static List<Path> write(Path folder, String stem, List<Tensor> tensors, long maxShardBytes) {
    if (maxShardBytes < 1) {
      throw new IllegalArgumentException("maxShardBytes: found " + maxShardBytes + ", expected at least 1");
    }
    refuseOld(folder, stem);
    List<List<Tensor>> shards = shards(tensors, maxShardBytes);
    if (shards.size() == 1) {
      Path file = folder.resolve(stem + WeightFinder.SUFFIX);
      SafetensorsWriter.write(file, METADATA, tensors);
      return List.of(file);
    }
    List<Path> files = new ArrayList<>();
    Map<String, String> weightMap = new TreeMap<>();
    boolean complete = false;
    try {
      for (List<Tensor> shard : shards) {
        Object[] numbers = {files.size() + 1, shards.size()};
        Path file = folder.resolve(stem + String.format(Locale.ROOT, "-%05d-of-%05d", numbers) + WeightFinder.SUFFIX);
        files.add(file);
        SafetensorsWriter.write(file, METADATA, shard);
        shard.forEach(tensor -> weightMap.put(tensor.name(), file.getFileName().toString()));
      }
      long total = tensors.stream().mapToLong(Tensor::bytes).sum();
      IndexFile.write(folder.resolve(stem + WeightFinder.INDEX_SUFFIX), total, weightMap, List.of());
      complete = true;
    } finally {
      if (!complete) {
        files.forEach(WholeFile::delete);
      }
    }
    return List.copyOf(files);
  }

  /** Files' tensors: greedy, in order. At least one file, which may be empty. */
  private static List<List<Tensor>> shards(List<Tensor> tensors, long maxShardBytes) {
    List<List<Tensor>> shards = new ArrayList<>(List.of(new ArrayList<>()));
    long bytes = 0;
    for (Tensor tensor : tensors) {
      if (!shards.getLast().isEmpty() && tensor.bytes() > maxShardBytes - bytes) {
        shards.add(new ArrayList<>());
        bytes = 0;
      }
      shards.getLast().add(tensor);
      bytes += tensor.bytes();
    }
    return shards;
  }

  /**
   * Writes the index of float32 tensors that lie in several files, some of them cut into pieces: see {@link IndexFile}. It is on
   * the disk when this returns, and replaces one that was there.
   *
   * @param index {@code STEM.safetensors.index.json} in the folder of the files
   * @throws IllegalArgumentException if two places are of one tensor
   * @throws UserException if the file system refuses
   */
  public static void writeIndex(Path index, List<TensorPlace> places) {
    Map<String, String> weightMap = new TreeMap<>();
    List<TensorPlace> cut = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (TensorPlace place : places) {
      if (!names.add(place.tensor())) {
        throw new IllegalArgumentException("two places of tensor " + place.tensor());
      }
      if (place.isWhole()) {
        weightMap.put(place.tensor(), place.parts().getFirst().file());
      } else {
        cut.add(place);
      }
    }
    long total = places.stream().mapToLong(place -> place.shape().elements() * Float.BYTES).sum();
    IndexFile.write(index, total, weightMap, cut);
  }

  /** Old shards beside new ones would be read by nobody, or worse, by somebody. */
  private static void refuseOld(Path folder, String stem) {
    try (Stream<Path> files = Files.list(folder)) {
      files.map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(stem) && name.contains(WeightFinder.SUFFIX))
          .sorted()
          .findFirst()
          .ifPresent(name -> {
            throw new UserException(folder + ": found " + name + ", expected a folder without weights of that name");
          });
    } catch (IOException e) {
      throw new UserException(folder + ": cannot be read (" + e.getMessage() + "), expected a folder to write to", e);
    }
  }
}
