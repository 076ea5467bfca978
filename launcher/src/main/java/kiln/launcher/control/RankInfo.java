package kiln.launcher.control;

/**
 * Who a rank is.
 *
 * @param host name of its machine: ranks of one name share that machine's memory
 * @param process its number there
 */
public record RankInfo(int rank, String host, long process) {
  /** This process, on this machine. */
  public static RankInfo here(int rank) {
    return new RankInfo(rank, HostName.current(), ProcessHandle.current().pid());
  }

  /** As in {@code rank 2 (node7, process 4711)}. */
  String title() {
    return "rank " + rank + " (" + host + ", process " + process + ")";
  }
}
