package kiln.collectives.mpi;

import kiln.collectives.CollectiveException;

/** A function of Open MPI that failed. */
final class MpiException extends CollectiveException {
  private static final long serialVersionUID = 1;

  /**
   * @param function as the MPI standard names it
   */
  MpiException(String function, Throwable cause) {
    super("Open MPI: " + function + ": " + cause.getMessage(), cause);
  }
}
