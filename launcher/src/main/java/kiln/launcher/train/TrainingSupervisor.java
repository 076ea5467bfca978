package kiln.launcher.train;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import kiln.bindings.UserException;
import kiln.launcher.checkpoint.RunFolder;
import kiln.launcher.control.JobSecret;
import kiln.launcher.profile.TraceFile;
import kiln.launcher.ranks.RankFolder;
import kiln.launcher.ranks.RankSupervisor;

/** The process that the user starts: it refuses what cannot work, starts the ranks and waits for them. */
public final class TrainingSupervisor {
  private final PrintStream out;
  private final PrintStream err;

  public TrainingSupervisor(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /**
   * Trains to the end, or until it is stopped.
   *
   * @return the exit status: 0 also if the run was stopped in good order
   * @throws UserException if the request cannot work: nothing has been started or changed then
   */
  public int run(TrainRequest request) {
    try (JobPreparation preparation = new JobPreparation(out, err)) {
      return run(request, preparation.prepare(request));
    }
  }

  private int run(TrainRequest request, TrainJob job) {
    Path folder = RankFolder.create();
    try {
      Path file = folder.resolve("job.json");
      job.write(file);
      JobSecret.create().write(RankFolder.secret(folder));
      RankSupervisor ranks = new RankSupervisor(RankMain.class, request.ranks(), job.preset().memory(), err);
      out.flush();
      return ranks.run(folder, List.of(file.toString()), afterwards(request));
    } finally {
      RankFolder.delete(folder);
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

  private static String afterwards(TrainRequest request) {
    return "all ranks have ended; go on from the last checkpoint with: " + request.resumeCommand();
  }
}
