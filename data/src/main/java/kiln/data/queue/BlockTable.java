package kiln.data.queue;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import kiln.data.Bucket;

/** The blocks of a split as far as the order of samples depends on them, whatever else they hold. */
public interface BlockTable {
  /** The split's folder, for messages. */
  Path folder();

  /** Samples per block. */
  int blockSize();

  int numBlocks();

  Bucket bucket(int block);

  /** Samples of the block from this one on repeat earlier ones of the bucket, to fill its last block. */
  int distinct(int block);

  /** CRC-32C of all that the block holds, as its header has it. */
  int checksum(int block);

  /** Samples, those that fill up last blocks included. */
  default long numSamples() {
    return (long) numBlocks() * blockSize();
  }

  /** All buckets, in the order of their first block. */
  default Set<Bucket> buckets() {
    Set<Bucket> buckets = new LinkedHashSet<>();
    for (int i = 0; i < numBlocks(); i++) {
      buckets.add(bucket(i));
    }
    return buckets;
  }
}
