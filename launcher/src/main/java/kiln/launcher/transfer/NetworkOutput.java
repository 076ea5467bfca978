package kiln.launcher.transfer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import kiln.launcher.checkpoint.NetworkFiles;
import kiln.model.weights.SafetensorsType;
import kiln.model.weights.SafetensorsWriter.Tensor;
import kiln.model.weights.WeightFiles;
import kiln.model.weights.WeightFinder;
import tools.jackson.databind.node.ObjectNode;

/**
 * How networks are written: one after the other, tensor by tensor, so that memory does not grow with them.
 *
 * @param dtype of all floating-point tensors
 * @param maxShardBytes bytes of tensors per file; empty for what the network's library writes
 */
public record NetworkOutput(SafetensorsType dtype, OptionalLong maxShardBytes) {
  private static final Map<SafetensorsType, String> TORCH_NAMES =
      Map.of(SafetensorsType.F32, "float32", SafetensorsType.BF16, "bfloat16", SafetensorsType.F16, "float16");

  /**
   * Writes configuration and weights into {@code into}, which is made if it is not there.
   *
   * @param config config.json; that of a network of transformers is told the weights' type
   * @return as in {@code 686 tensors, 1,757,380,488 bytes of bfloat16 in 1 file}
   */
  String write(Path into, ObjectNode config, List<Tensor> tensors) throws IOException {
    boolean diffusers = config.has("_class_name");
    String type = TORCH_NAMES.get(dtype);
    ObjectNode told = config.deepCopy();
    if (!diffusers) {
      told.put("torch_dtype", type);
    }
    Files.createDirectories(into);
    NewFolder.writeDocuments(into, Map.of(NetworkFiles.CONFIG, told));
    String stem = diffusers ? WeightFinder.DIFFUSERS_STEM : WeightFinder.TRANSFORMERS_STEM;
    long usual = diffusers ? WeightFiles.DIFFUSERS_SHARD_BYTES : WeightFiles.TRANSFORMERS_SHARD_BYTES;
    int files = WeightFiles.write(into, stem, tensors, dtype, maxShardBytes.orElse(usual)).size();
    long bytes = tensors.stream().mapToLong(tensor -> tensor.as(dtype).bytes()).sum();
    String where = files == 1 ? "1 file" : files + " files";
    return String.format(Locale.ROOT, "%d tensors, %,d bytes of %s in %s", tensors.size(), bytes, type, where);
  }
}
