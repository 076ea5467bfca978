package kiln.launcher.encode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kiln.data.encoded.Origin;
import kiln.launcher.backend.BackendChoice;
import kiln.launcher.preset.Precision;
import kiln.launcher.preset.PresetJson;

/**
 * What every rank is told to do, in a file.
 *
 * @param data the source's folder
 * @param vae folder of the autoencoder's config.json and weights
 * @param textEncoder folder of the text encoder's; null if captions are not encoded
 * @param folder of the data set while it is made
 * @param origin of all blocks
 * @param precision what the networks compute in
 * @param backend which kernels compute, and on what device
 * @param splits what is to be made of each
 */
record EncodeJob(
    Path data,
    Path vae,
    Path textEncoder,
    Path folder,
    Origin origin,
    Precision precision,
    BackendChoice backend,
    Map<String, SplitWork> splits) {
  /**
   * The blocks of a split that are not there yet.
   *
   * @param attempt number of the parts to write
   * @param largestBlock bytes
   * @param blocks numbers in the source
   */
  record SplitWork(int attempt, long largestBlock, List<Integer> blocks) {}

  void write(Path file) {
    try {
      Files.write(file, PresetJson.MAPPER.writeValueAsBytes(this));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static EncodeJob read(Path file) {
    return PresetJson.MAPPER.readValue(file, EncodeJob.class);
  }
}
