package kiln.collectives;

/** Two ranks that called different operations, or the same with different arguments, at the same place in the sequence. */
public final class MismatchException extends CollectiveException {
  private static final long serialVersionUID = 1;

  public MismatchException(int rank, String called, int otherRank, String otherCalled, long sequence) {
    super(
        "ranks disagree at sequence=%d: rank %d called %s, rank %d called %s"
            .formatted(sequence, rank, called, otherRank, otherCalled));
  }
}
