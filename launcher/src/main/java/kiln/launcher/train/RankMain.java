package kiln.launcher.train;

import java.nio.file.Path;
import java.time.Duration;
import kiln.bindings.UserException;
import kiln.collectives.CollectiveException;
import kiln.collectives.Communicator;
import kiln.collectives.JoinTimeoutException;
import kiln.collectives.PeerLostException;
import kiln.collectives.local.LocalCommunicator;
import kiln.launcher.ranks.ExitStatus;
import kiln.launcher.ranks.RankEnvironment;
import kiln.launcher.ranks.RankFolder;
import kiln.launcher.ranks.StopRequest;

/** What a rank process runs: {@link kiln.launcher.ranks.RankSupervisor} starts it. */
public final class RankMain {
  private static final Duration JOIN_TIMEOUT = Duration.ofMinutes(2);

  private static final String SMALLER = "try a smaller micro_batch, or more memory for the heap (--set memory=…)";

  private RankMain() {}

  /**
   * @param arguments the file of the {@link TrainJob}
   */
  public static void main(String[] arguments) {
    StopRequest stop = StopRequest.watch(System.in);
    RankEnvironment environment = RankEnvironment.read(System.getenv());
    int status;
    try {
      status = run(TrainJob.read(Path.of(arguments[0])), environment, stop);
    } catch (UserException e) {
      System.err.println("kiln: " + e.getMessage());
      status = ExitStatus.USER_ERROR;
    } catch (PeerLostException | JoinTimeoutException e) {
      System.err.println("kiln: rank " + environment.rank() + ": " + e.getMessage());
      status = ExitStatus.PEER_LOST;
    } catch (OutOfMemoryError e) {
      System.err.println("kiln: rank " + environment.rank() + ": " + describe(e));
      status = ExitStatus.USER_ERROR;
    } catch (Throwable e) {
      e.printStackTrace();
      status = ExitStatus.BUG;
    }
    System.out.flush();
    Runtime.getRuntime().halt(status); // not exit: nothing may hold up the end, and there are no hooks to run
  }

  static String describe(OutOfMemoryError e) {
    return "out of memory (" + e.getMessage() + "); " + SMALLER;
  }

  private static int run(TrainJob job, RankEnvironment environment, StopRequest stop) {
    try (TrainingSession session = TrainingSession.open(job, environment);
        Communicator communicator =
            LocalCommunicator.join(environment.segment(), environment.rank(), environment.size(), JOIN_TIMEOUT)) {
      if (environment.rank() == 0) {
        RankFolder.delete(environment.segment().getParent());
      }
      try {
        session.train(communicator, stop);
      } catch (CollectiveException e) {
        throw e;
      } catch (RuntimeException | Error e) {
        communicator.abort(e.getClass().getSimpleName());
        throw e;
      }
      return ExitStatus.OK;
    }
  }
}
