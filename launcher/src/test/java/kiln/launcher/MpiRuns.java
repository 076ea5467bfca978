package kiln.launcher;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kiln.bindings.JavaCommand;
import kiln.collectives.mpi.OpenMpiInstallation;
import org.junit.jupiter.api.Assumptions;

/** The command line as ranks of mpirun: nothing but a class path is given to the JVM. */
public final class MpiRuns {
  private MpiRuns() {}

  /** Skips {@code test}, aloud, where there is no Open MPI that Java can use. */
  public static void assumeOpenMpi(Class<?> test) {
    if (OpenMpiInstallation.find(System.getenv()).isEmpty()) {
      System.err.println("SKIPPED: " + test.getSimpleName() + ": no Java bindings of Open MPI; ./kiln setup mpi makes them");
      Assumptions.abort("no Java bindings of Open MPI");
    }
  }

  /** Ranks of this machine, which has fewer cores than that at times. */
  public static KilnProcess start(int ranks, String... arguments) {
    List<String> command = new ArrayList<>(List.of("mpirun", "--bind-to", "none", "--mca", "mpi_yield_when_idle", "1"));
    command.addAll(List.of("--mca", "rmaps_base_oversubscribe", "1", "-np", Integer.toString(ranks)));
    command.addAll(java(arguments));
    return KilnProcess.start(Map.of("OMPI_ALLOW_RUN_AS_ROOT", "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"), command);
  }

  /** {@code java -cp … kiln.launcher.Launcher}. */
  public static List<String> java(String... arguments) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(JavaCommand.java(), KilnProcess.QUICK, "-cp", System.getProperty("java.class.path")));
    command.add(Launcher.class.getName());
    command.addAll(List.of(arguments));
    return command;
  }
}
