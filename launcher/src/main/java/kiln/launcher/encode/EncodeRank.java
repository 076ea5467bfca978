package kiln.launcher.encode;

import java.io.PrintStream;
import java.nio.file.Path;
import kiln.bindings.UserException;
import kiln.launcher.ranks.ExitStatus;
import kiln.launcher.ranks.RankEnvironment;
import kiln.launcher.ranks.RankFolder;
import kiln.launcher.ranks.StopRequest;

/** What a rank process of {@code kiln data encode} runs. Ranks have nothing to tell each other. */
public final class EncodeRank {
  private EncodeRank() {}

  /**
   * @param arguments the file of the {@link EncodeJob}
   */
  public static void main(String[] arguments) {
    StopRequest stop = StopRequest.watch(System.in, RankFolder::deleteOwn);
    RankEnvironment environment = RankEnvironment.read(System.getenv());
    int status;
    try {
      run(EncodeJob.read(Path.of(arguments[0])), environment, stop);
      status = ExitStatus.OK;
    } catch (UserException e) {
      System.err.println("kiln: " + e.getMessage());
      status = ExitStatus.USER_ERROR;
    } catch (OutOfMemoryError e) {
      System.err.println("kiln: rank " + environment.rank() + ": out of memory (" + e.getMessage() + ")");
      status = ExitStatus.USER_ERROR;
    } catch (Throwable e) {
      e.printStackTrace();
      status = ExitStatus.BUG;
    }
    System.out.flush();
    Runtime.getRuntime().halt(status); // not exit: nothing may hold up the end, and there are no hooks to run
  }

  private static void run(EncodeJob job, RankEnvironment environment, StopRequest stop) {
    int rank = environment.rank();
    int size = environment.size();
    long blocks = job.splits().values().stream().mapToLong(w -> Math.ceilDiv(w.blocks().size() - rank, size)).sum();
    PrintStream out = rank == 0 ? System.out : null;
    new RankEncoder(job, rank, size, stop::requested, new EncodeProgress(out, blocks, size)).run();
  }
}
