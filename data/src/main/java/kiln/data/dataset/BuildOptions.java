package kiln.data.dataset;

import kiln.bindings.UserException;

/**
 * How a data set is built, whatever the source.
 *
 * @param blockSize samples per block; micro-batches divide it
 * @param threads that decode and draw
 * @param strict whether unusable input is an error instead of being skipped and counted
 * @param inFlight bytes of memory that encoded pictures, and samples made of them, may take until they go to their bucket; and as many
 *     again those in the buckets of each split, where more wait in a file
 * @param share which part of the work this process does
 * @param ahead bytes of blocks that may lie unread ahead of a trainer that follows; null not to wait for one
 */
public record BuildOptions(int blockSize, int threads, boolean strict, long inFlight, WriterShare share, Long ahead) {
  /** 256 MB. */
  public static final long STANDARD_IN_FLIGHT = 256_000_000;

  public BuildOptions {
    if (blockSize < 1 || blockSize > 1 << 16) {
      throw new UserException("--block-size " + blockSize + ": expected 1 to 65536");
    }
    if (threads < 1) {
      throw new UserException("--threads " + threads + ": expected at least 1");
    }
    if (inFlight < 1) {
      throw new UserException("--in-flight " + inFlight + ": expected at least 1 byte");
    }
    if (ahead != null && ahead < 1) {
      throw new UserException("--ahead " + ahead + ": expected at least 1 byte");
    }
  }

  /** One process with one queue. */
  public BuildOptions(int blockSize, int threads, boolean strict) {
    this(blockSize, threads, strict, STANDARD_IN_FLIGHT, WriterShare.ONE, null);
  }

  /** Blocks of 64, all processors, lenient. */
  public static BuildOptions defaults() {
    return new BuildOptions(64, Runtime.getRuntime().availableProcessors(), false);
  }

  public BuildOptions withBlockSize(int blockSize) {
    return new BuildOptions(blockSize, threads, strict, inFlight, share, ahead);
  }

  public BuildOptions withShare(WriterShare share) {
    return new BuildOptions(blockSize, threads, strict, inFlight, share, ahead);
  }
}
