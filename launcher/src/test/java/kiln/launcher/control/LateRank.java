package kiln.launcher.control;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import kiln.collectives.CollectiveException;
import kiln.collectives.Communicator;
import kiln.collectives.ElementType;
import kiln.collectives.Reduction;
import kiln.collectives.local.LocalCommunicator;
import kiln.launcher.ranks.ExitStatus;
import kiln.launcher.ranks.RankFolder;

/** A rank that sums again and again, and after a while goes to sleep if it is told so. */
final class LateRank {
  private static final int SUMS = 1200; // more than are kept
  private static final Duration LONG = Duration.ofMinutes(10);

  private LateRank() {}

  /**
   * @param arguments a folder for all ranks, rank, number of ranks, rank that falls asleep, seconds that a collective may take
   */
  public static void main(String[] arguments) throws InterruptedException {
    Path folder = Path.of(arguments[0]);
    int rank = Integer.parseInt(arguments[1]);
    int size = Integer.parseInt(arguments[2]);
    int sleeper = Integer.parseInt(arguments[3]);
    Duration late = Duration.ofSeconds(Integer.parseInt(arguments[4]));
    ControlOptions options = new ControlOptions(null, Duration.ofSeconds(6), late, Duration.ofMinutes(1));
    int status = ExitStatus.OK;
    try (ControlPlane control = join(folder, rank, size, options);
        Communicator communicator = control.watch(join(folder.resolve("ranks"), rank, size), folder)) {
      try (Arena arena = Arena.ofShared()) {
        MemorySegment data = arena.allocate(1024);
        for (int i = 0; i < SUMS; i++) {
          communicator.allReduceAsync(data, ElementType.F32, Reduction.SUM).await();
        }
        System.out.println("summed");
        if (rank == sleeper) {
          Thread.sleep(LONG);
        }
        communicator.allReduce(data, ElementType.F32, Reduction.SUM);
        Thread.sleep(sleeper < 0 ? LONG : Duration.ZERO);
      } catch (CollectiveException e) {
        status = control.failure(Duration.ofSeconds(2)).isPresent() ? ExitStatus.PEER_LOST : ExitStatus.BUG;
      }
    }
    Runtime.getRuntime().halt(status);
  }

  /** The first sum is not watched: on a busy machine it takes seconds until all ranks have loaded what they need. */
  private static Communicator join(Path file, int rank, int size) {
    Communicator communicator = LocalCommunicator.join(file, rank, size, Duration.ofMinutes(1));
    try (Arena arena = Arena.ofShared()) {
      communicator.allReduce(arena.allocate(1024), ElementType.F32, Reduction.SUM);
    }
    return communicator;
  }

  private static ControlPlane join(Path folder, int rank, int size, ControlOptions options) {
    JobSecret secret = JobSecret.read(RankFolder.secret(folder));
    Runnable end = () -> Runtime.getRuntime().halt(ExitStatus.PEER_LOST);
    if (rank == 0) {
      ControlHost host = ControlPlane.host(ListenAddress.choose(null, true, Map.of()), secret, size, options, System.err::println);
      host.rendezvous().publish(folder);
      return ControlPlane.join(host, System.err::println, end);
    }
    Rendezvous rendezvous = Rendezvous.await(folder, secret, rank, size, options.joinTimeout());
    return ControlPlane.join(rendezvous, rank, size, options, System.err::println, end);
  }
}
