package kiln.collectives.mpi;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import kiln.bindings.UserException;
import kiln.collectives.Collective;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.collectives.HostMemory;
import kiln.collectives.Pending;
import kiln.collectives.ProgressThread;

/**
 * Ranks that {@code mpirun} or {@code srun} has started, joined by Open MPI. A rank whose process dies is not noticed here:
 * {@code mpirun} ends the job and names it.
 */
public final class MpiCommunicator implements Communicator {
  private final Object comm; // never freed before MPI ends: MPI_Comm_free is collective, and close() is not
  private final int rank;
  private final int size;
  private final Arena arena = Arena.ofShared();
  private final MpiTransport transport;
  private final ProgressThread progress;
  private final Object lifecycle = new Object();
  // Guarded by lifecycle.
  private boolean aborted;
  private boolean closed;

  private MpiCommunicator(Object comm) {
    this.comm = comm;
    MpiBindings.returnErrors(comm);
    rank = MpiBindings.rank(comm);
    size = MpiBindings.size(comm);
    transport = new MpiTransport(comm, rank, size, arena);
    progress = new ProgressThread("collectives-mpi-" + rank, transport::execute);
  }

  /**
   * All ranks of the job. Begins MPI in this process, which is possible once; closing the last communicator ends it, which
   * waits for all ranks of the job, though not long if one was lost.
   *
   * @throws UserException if there are no Java bindings of Open MPI
   */
  public static MpiCommunicator world() {
    MpiProcess.open();
    return new MpiCommunicator(MpiBindings.dup(MpiBindings.commWorld()));
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public Pending start(Collective collective) {
    HostMemory.check(collective, rank, size);
    return progress.start(collective);
  }

  @Override
  public void run(Collective collective) {
    HostMemory.check(collective, rank, size);
    progress.run(collective);
  }

  @Override
  public MpiCommunicator split(int color) {
    int group = 0; // MPI's colors are not negative
    try (Arena call = Arena.ofShared()) {
      MemorySegment colors = call.allocate(JAVA_INT, size);
      colors.setAtIndex(JAVA_INT, rank, color);
      // Also ends all operations issued before, so that no other thread uses MPI's communicator below.
      allGather(colors.asSlice((long) rank * Integer.BYTES, Integer.BYTES), colors, size, ElementType.I32);
      while (colors.getAtIndex(JAVA_INT, group) != color) {
        group++;
      }
    }
    MpiProcess.open();
    return new MpiCommunicator(MpiBindings.split(comm, group, rank));
  }

  @Override
  public void abort(String reason) {
    synchronized (lifecycle) {
      if (!closed && !aborted) {
        aborted = true;
        transport.abort(reason);
      }
    }
  }

  @Override
  public void close() {
    transport.closing();
    progress.close();
    synchronized (lifecycle) {
      if (!closed) {
        closed = true;
        transport.close();
        arena.close();
        MpiProcess.close(transport.isSound());
      }
    }
  }
}
