package kiln.data.dataset;

import kiln.bindings.UserException;

/**
 * How a data set is built, whatever the source.
 *
 * @param blockSize samples per block; micro-batches divide it
 * @param threads that decode and draw
 * @param strict whether unusable input is an error instead of being skipped and counted
 */
public record BuildOptions(int blockSize, int threads, boolean strict) {
  public BuildOptions {
    if (blockSize < 1 || blockSize > 1 << 16) {
      throw new UserException("--block-size " + blockSize + ": expected 1 to 65536");
    }
    if (threads < 1) {
      throw new UserException("--threads " + threads + ": expected at least 1");
    }
  }

  /** Blocks of 64, all processors, lenient. */
  public static BuildOptions defaults() {
    return new BuildOptions(64, Runtime.getRuntime().availableProcessors(), false);
  }

  public BuildOptions withBlockSize(int blockSize) {
    return new BuildOptions(blockSize, threads, strict);
  }
}
