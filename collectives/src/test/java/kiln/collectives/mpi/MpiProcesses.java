package kiln.collectives.mpi;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import kiln.collectives.RankMain;
import kiln.collectives.RankProcesses;
import kiln.collectives.RankTransport;
import org.junit.jupiter.api.Assumptions;

/** Ranks of {@link RankMain} that mpirun starts. */
public final class MpiProcesses {
  private static final Duration JOIN = Duration.ofSeconds(120);

  private MpiProcesses() {}

  /** Skips {@code test}, aloud, where there is no Open MPI that Java can use. */
  public static void assumeOpenMpi(Class<?> test) {
    if (OpenMpiInstallation.find(System.getenv()).isEmpty()) {
      System.err.println("SKIPPED: " + test.getSimpleName() + ": no Java bindings of Open MPI; ./kiln setup mpi makes them");
      Assumptions.abort("no Java bindings of Open MPI");
    }
  }

  /** Starts one mpirun, whose lines of output say which rank they are of. */
  public static RankProcesses start(Class<? extends RankTransport> transport, int size, String address, String scenarios) {
    RankProcesses job = new RankProcesses();
    List<String> command = new ArrayList<>(List.of("mpirun", "--allow-run-as-root", "--oversubscribe", "--bind-to", "none"));
    // What still waits inside MPI leaves its core to ranks that need it.
    command.addAll(List.of("--mca", "mpi_yield_when_idle", "1", "--tag-output", "-np", Integer.toString(size)));
    String[] arguments = {transport.getName(), "0", Integer.toString(size), address, JOIN.toString(), scenarios};
    command.addAll(RankProcesses.javaCommand(RankMain.class, arguments));
    job.start(command);
    return job;
  }
}
