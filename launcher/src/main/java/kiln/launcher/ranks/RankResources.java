package kiln.launcher.ranks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a rank may use of its machine: threads that compute, and Java heap. */
public final class RankResources {
  private static final String THREADS = "OMP_NUM_THREADS";

  /** Whether a thread that waits inside Open MPI offers its core to others; it burns it otherwise. */
  private static final String YIELD = "OMPI_MCA_mpi_yield_when_idle";

  private static final Path ONLINE = Path.of("/sys/devices/system/cpu/online");

  private RankResources() {}

  /**
   * Options of a rank's JVM. Its heap is small and its cores are busy computing: one collector thread, no second compiler
   * competing for long.
   *
   * @param heapMegabytes Java heap of a rank
   */
  public static List<String> jvmOptions(int heapMegabytes) {
    return List.of("-XX:+UseSerialGC", "-Xmx" + heapMegabytes + "m", "-Djava.awt.headless=true");
  }

  /**
   * What to add to the environment of a rank that another launcher started, where its user has not said otherwise: how many
   * threads compute, and that what waits for other ranks leaves the cores to these. They are its share of the machine's
   * processors, and no more than it may run on: a launcher may have bound it to some, alone or together with others.
   */
  public static Map<String, String> variables(RankEnvironment environment, Map<String, String> variables) {
    Map<String, String> more = new HashMap<>();
    more.put(THREADS, Integer.toString(threads(environment, variables)));
    more.put(YIELD, "1");
    more.keySet().removeAll(variables.keySet());
    return more;
  }

  private static int threads(RankEnvironment environment, Map<String, String> variables) {
    int available = Runtime.getRuntime().availableProcessors();
    int localSize = environment.localSize() == RankEnvironment.UNKNOWN ? 1 : environment.localSize();
    return share(available, processors(variables, available), localSize);
  }

  static int share(int available, int ofMachine, int localSize) {
    return Math.max(1, Math.min(available, ofMachine / localSize));
  }

  /** The machine's processors that are there for the job. */
  private static int processors(Map<String, String> variables, int available) {
    String ofJob = variables.getOrDefault("SLURM_CPUS_ON_NODE", "");
    if (ofJob.matches("\\d{1,6}")) {
      return Integer.parseInt(ofJob);
    }
    try {
      return count(Files.readString(ONLINE).strip());
    } catch (IOException e) {
      return available; // not on this system; then what the JVM says
    }
  }

  /** Of a list as in {@code 0-3,8,10-11}. */
  static int count(String list) {
    return CpuList.parse(list).cardinality();
  }
}
