package kiln.launcher.train;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import kiln.collectives.Communicator;
import kiln.collectives.local.LocalCommunicator;
import kiln.launcher.control.ControlPlane;
import kiln.launcher.ranks.RankEnvironment;
import kiln.launcher.ranks.StopRequest;

/** One rank, as a process, of several runs, one after the other. */
final class ShardedRank {
  private ShardedRank() {}

  /**
   * @param arguments file to meet by, rank, number of ranks, files of the jobs
   */
  public static void main(String[] arguments) {
    Path file = Path.of(arguments[0]);
    Map<String, String> variables =
        Map.of("KILN_RANK", arguments[1], "KILN_SIZE", arguments[2], "KILN_SEGMENT", arguments[0], "KILN_TERMINAL", "false");
    RankEnvironment environment = RankEnvironment.read(variables);
    StopRequest stop = StopRequest.watch(System.in, () -> {});
    try (Communicator communicator =
        LocalCommunicator.join(file, environment.rank(), environment.size(), Duration.ofMinutes(2))) {
      for (String job : Arrays.asList(arguments).subList(3, arguments.length)) {
        try (TrainingSession session = TrainingSession.open(TrainJob.read(Path.of(job)), environment)) {
          session.train(communicator, ControlPlane.alone(), stop);
        }
      }
    }
    System.out.println("rank " + environment.rank() + " is done");
    System.out.flush();
    Runtime.getRuntime().halt(0); // the watch on standard input would hold the process
  }
}
