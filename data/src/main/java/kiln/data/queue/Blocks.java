package kiln.data.queue;

import kiln.data.Bucket;

/** Blocks of pictures, in the order of their numbers, as many as there are. */
public interface Blocks extends BlockTable {
  /**
   * @param i 0 .. numBlocks-1
   */
  Block block(long i);

  @Override
  default Bucket bucket(int block) {
    return block(block).bucket();
  }

  @Override
  default int distinct(int block) {
    return block(block).distinct();
  }

  @Override
  default int checksum(int block) {
    return block(block).checksum();
  }
}
