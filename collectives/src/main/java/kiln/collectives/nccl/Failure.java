package kiln.collectives.nccl;

import kiln.collectives.CollectiveException;
import kiln.collectives.PeerLostException;

/**
 * Why a communicator cannot go on.
 *
 * @param kind of what happened
 * @param rank that is lost; only where the kind is LOST or ABORTED
 * @param reason what became of it, or of this rank
 * @param thrown what every call throws where no rank is lost; else null
 */
record Failure(Kind kind, int rank, String reason, CollectiveException thrown) {
  enum Kind {
    /** Another rank will not come. What is under way may still end: it may have done its part. */
    LOST,
    /** This rank was told to give up. */
    ABORTED,
    /** Ranks called different operations; all of them know. */
    MISMATCH,
    /** Something of this rank's has failed. */
    BROKEN
  }

  static Failure lost(PeerLostException e) {
    return new Failure(Kind.LOST, e.rank(), e.reason(), null);
  }

  static Failure aborted(int self, String reason) {
    return new Failure(Kind.ABORTED, self, "aborted: " + reason, null);
  }

  static Failure of(Kind kind, CollectiveException thrown) {
    return new Failure(kind, -1, thrown.getMessage(), thrown);
  }

  /** As an operation throws it. */
  CollectiveException during(String operation, long sequence, long bytes) {
    return thrown != null ? thrown : new PeerLostException(rank, reason, operation, sequence, bytes);
  }

  /** Whether the other ranks learn of it from this one alone. */
  boolean isOwn() {
    return kind == Kind.ABORTED || kind == Kind.BROKEN;
  }
}
