package kiln.collectives;

/**
 * One rank's share of {@code count} elements: blocks of equal size in the order of the ranks, of which the last ones may be
 * shorter or empty. This is the arithmetic of {@code reduceScatter}, {@code allGather} and sharded optimizers.
 *
 * <pre>
 *   count=10, size=4:  | 0 1 2 | 3 4 5 | 6 7 8 | 9 |
 *                       rank 0   rank 1  rank 2  rank 3
 * </pre>
 *
 * @param offset first element
 * @param count elements, maybe 0
 */
public record Shard(long offset, long count) {
  /** The share of {@code rank} among {@code size} ranks. */
  public static Shard of(long count, int rank, int size) {
    return of(count, rank, size, 1);
  }

  /** The same with every block except the last one a multiple of {@code alignment} elements. */
  public static Shard of(long count, int rank, int size, long alignment) {
    if (count < 0 || rank < 0 || rank >= size || alignment < 1) {
      throw new IllegalArgumentException(
          "count=" + count + ", rank=" + rank + ", size=" + size + ", alignment=" + alignment);
    }
    long block = block(count, size, alignment);
    long offset = Math.min(count, rank * block);
    return new Shard(offset, Math.min(block, count - offset));
  }

  /** Elements of the largest share, which is that of rank 0. */
  public static long block(long count, int size, long alignment) {
    return Math.ceilDiv(Math.ceilDiv(count, size), alignment) * alignment;
  }
}
