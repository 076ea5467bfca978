package kiln.collectives;

/**
 * How an operation on {@code count} elements goes through memory of limited size: chunk c is the c-th piece of every rank's
 * share.
 *
 * <pre>
 *   share of rank 0        share of rank 1
 *   | 0   | 1   | 2 |      | 0   | 1   | 2 |       numbers: the chunk that the piece belongs to
 * </pre>
 *
 * @param count elements of the whole
 * @param size ranks
 * @param block elements of the largest share
 * @param piece elements of the largest piece
 */
public record Chunking(long count, int size, long block, long piece) {
  /** Shares as {@link Shard} has them. */
  public static Chunking of(long count, int size, long alignment, long piece) {
    return new Chunking(count, size, Shard.block(count, size, alignment), piece);
  }

  public long numChunks() {
    return Math.ceilDiv(block, piece);
  }

  /** First element of a piece, in the whole. */
  public long offset(int rank, long chunk) {
    return Math.min(count, rank * block + chunk * piece);
  }

  /** Elements of a piece, maybe 0. */
  public long count(int rank, long chunk) {
    long share = Math.min(block, Math.max(0, count - rank * block));
    return Math.min(piece, Math.max(0, share - chunk * piece));
  }
}
