package kiln.data.queue;

import java.nio.file.Path;

/** The blocks of a split in the order of their numbers, as many as there are. */
public interface Blocks {
  /** The split's folder, for messages. */
  Path folder();

  /** Samples per block. */
  int blockSize();

  int numBlocks();

  /**
   * @param i 0 .. numBlocks-1
   */
  Block block(long i);
}
