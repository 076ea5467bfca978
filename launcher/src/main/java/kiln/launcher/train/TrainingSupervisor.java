package kiln.launcher.train;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import kiln.bindings.UserException;
import kiln.launcher.checkpoint.RunFolder;
import kiln.launcher.control.JobSecret;
import kiln.launcher.profile.TraceFile;
import kiln.launcher.ranks.ExitStatus;
import kiln.launcher.ranks.RankEnd;
import kiln.launcher.ranks.RankFolder;
import kiln.launcher.ranks.RankSupervisor;

/** The process that the user starts: it refuses what cannot work, starts the ranks, and starts them again if they are lost. */
public final class TrainingSupervisor {
  private final PrintStream out;
  private final PrintStream err;

  public TrainingSupervisor(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** As {@link #run(TrainRequest, int)}, without restarts. */
  public int run(TrainRequest request) {
    return run(request, 0);
  }

  /**
   * Trains to the end, or until it is stopped.
   *
   * @param maxRestarts how often ranks that were killed, lost or crashed are started again from the last checkpoint
   * @return the exit status: {@link ExitStatus#STOPPED} if the run was stopped in good order
   * @throws UserException if the request cannot work: nothing has been started or changed then
   */
  public int run(TrainRequest request, int maxRestarts) {
    try (RankSupervisor ranks = RankSupervisor.open(RankMain.class, request.ranks(), request.preset().memory(), err);
        JobPreparation preparation = new JobPreparation(out, err)) {
      TrainJob job = preparation.prepare(request);
      Restarts restarts = new Restarts(maxRestarts, job.checkpoint());
      RankEnd end = run(ranks, job, request);
      while (end.mayBeTriedAgain() && restarts.areLeft() && !ranks.isAskedToStop()) {
        job = preparation.prepare(request.resuming());
        Duration pause = restarts.take(job.checkpoint());
        err.println("kiln: " + restarts.describe() + ": " + end.reason());
        ranks.pause(pause);
        end = run(ranks, job, request);
      }
      if (end.status() == ExitStatus.STOPPED) {
        end.lines().forEach(line -> out.println(line + "; resume with: " + request.resumeCommand()));
      }
      String ended = "all ranks have ended" + restarts.describeUsed();
      end.print(err, ended + "; go on from the last checkpoint with: " + request.resumeCommand());
      return end.status();
    }
  }

  private RankEnd run(RankSupervisor ranks, TrainJob job, TrainRequest request) {
    out.flush();
    try {
      return ranks.run(
          folder -> {
            Path file = folder.resolve("job.json");
            job.write(file);
            JobSecret.create().write(RankFolder.secret(folder));
            return List.of(file.toString());
          });
    } finally {
      removeIncomplete(new RunFolder(request.out()));
      if (request.profile() != null) {
        new TraceFile(request.profile().file()).deleteParts(request.ranks());
      }
    }
  }

  /** Removes what a rank was writing when it ended. */
  private static void removeIncomplete(RunFolder run) {
    try {
      run.removeIncomplete();
    } catch (UserException e) {
      // The disk that did not let it be written: a rank has said so. The next run removes it.
    }
  }
}
