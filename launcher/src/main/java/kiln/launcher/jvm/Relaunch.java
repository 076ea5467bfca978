package kiln.launcher.jvm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kiln.bindings.ProcessImage;
import kiln.bindings.UserException;
import kiln.launcher.ranks.RankEnvironment;
import kiln.launcher.ranks.RankResources;

/**
 * Starts Kiln again in its own process, once, where the JVM was not started with what it needs: {@code java -cp … Launcher} has
 * no options, and a rank of mpirun or srun neither its share of the processors nor a limit of its heap. The process stays the
 * same for whoever started it.
 */
public final class Relaunch {
  /** Holds the process id of the process that has been started again. */
  private static final String DONE = "KILN_REEXEC";

  private Relaunch() {}

  /**
   * Returns if the JVM has all module options.
   *
   * @throws UserException if it does not have them although it was started with them
   */
  public static void withModuleOptions() {
    if (!JvmOptions.arePresent()) {
      restart(JvmOptions.all(), Map.of());
    }
  }

  /**
   * Returns in a rank that has been started again as one.
   *
   * @param heapMegabytes Java heap of a rank
   */
  public static void asRank(RankEnvironment environment, int heapMegabytes) {
    if (isDone() && JvmOptions.arePresent()) {
      return;
    }
    List<String> options = new ArrayList<>(JvmOptions.all());
    options.addAll(RankResources.jvmOptions(heapMegabytes));
    restart(options, RankResources.variables(environment, System.getenv()));
  }

  private static boolean isDone() {
    return Long.toString(ProcessHandle.current().pid()).equals(System.getenv(DONE));
  }

  private static void restart(List<String> options, Map<String, String> variables) {
    if (isDone()) {
      throw new UserException("the JVM: expected " + String.join(" ", JvmOptions.all()) + ", found them without effect");
    }
    Map<String, String> more = new HashMap<>(variables);
    more.put(DONE, Long.toString(ProcessHandle.current().pid()));
    ProcessImage.restart(options, more);
  }
}
