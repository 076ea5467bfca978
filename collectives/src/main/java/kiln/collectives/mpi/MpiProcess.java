package kiln.collectives.mpi;

import java.time.Duration;
import kiln.bindings.UserException;

/** MPI in this process: begun once, by the first communicator, and ended with the last one. */
final class MpiProcess {
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private static int numOpen = -1; // communicators; -1 before MPI has begun
  private static boolean sound = true;

  private MpiProcess() {}

  /** Begins MPI if it has not; counts a communicator. */
  static synchronized void open() {
    if (numOpen < 0) {
      OpenMpiInstallation.require(System.getenv());
      if (!MpiBindings.initMultipleThreads()) {
        throw new UserException("transport mpi: expected an Open MPI with MPI_THREAD_MULTIPLE, found one without");
      }
      numOpen = 0;
    } else if (numOpen == 0) {
      throw new IllegalStateException("MPI has ended in this process and cannot begin again");
    }
    numOpen++;
  }

  /**
   * Ends MPI with the last communicator, which waits for all ranks of the job; for a short time only if one of them was lost,
   * for that may never come: then {@code mpirun} ends the job when this process ends.
   *
   * @param allWell whether no rank of that communicator was lost
   */
  static synchronized void close(boolean allWell) {
    sound &= allWell;
    numOpen--;
    if (numOpen > 0) {
      return;
    }
    if (sound) {
      // Under srun, MPI_Finalize was seen to return while ranks of other nodes still had messages to send to this one.
      MpiBindings.barrier(MpiBindings.commWorld());
      MpiBindings.finalizeMpi();
      return;
    }
    Thread last = Thread.ofPlatform().daemon().name("mpi-finalize").start(MpiBindings::finalizeMpi);
    try {
      last.join(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
