package kiln.launcher.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import kiln.bindings.UserException;
import kiln.launcher.checkpoint.CheckpointEntry;
import kiln.launcher.checkpoint.CheckpointEntry.State;
import kiln.launcher.checkpoint.RunFolder;
import kiln.launcher.checkpoint.TrainingRecord;
import kiln.launcher.checkpoint.Verification;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kiln checkpoint verify}. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Reads every byte of checkpoints and compares every checksum; names the files, and the tensors, that are damaged.",
      "",
      "Exit status 0: all are as they were written; 1: some are not. What a run left incomplete is told, and is no damage."
    })
final class CheckpointVerifyCommand implements Runnable {
  private static final double GIGA = 1e9;

  @Parameters(arity = "1..*", paramLabel = "PATH", description = "Checkpoints, or runs, whose checkpoints are all read.")
  private List<Path> paths;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    List<Path> checkpoints = new ArrayList<>();
    paths.forEach(path -> checkpoints.addAll(checkpoints(path, out)));
    int damaged = 0;
    for (Path checkpoint : checkpoints) {
      Verification found = Verification.of(checkpoint);
      found.damage().forEach(line -> out.println("damaged: " + line));
      double speed = found.bytes() / GIGA / found.seconds();
      String verdict = found.damage().isEmpty() ? "all sound" : found.damage().size() + " damaged";
      String format = "%s: %,d files, %,d bytes, %s (%.3f GB/s)";
      out.println(String.format(Locale.ROOT, format, checkpoint, found.numFiles(), found.bytes(), verdict, speed));
      out.flush();
      damaged += found.damage().isEmpty() ? 0 : 1;
    }
    if (damaged > 0) {
      throw new UserException(damaged + " of " + checkpoints.size() + " checkpoints damaged: see above");
    }
  }

  /** The checkpoint itself, or those of a run that were written to their end. */
  private static List<Path> checkpoints(Path path, PrintWriter out) {
    if (!Files.isDirectory(path)) {
      throw new UserException(path + ": found no such folder, expected a run or a checkpoint");
    }
    boolean isCheckpoint = RunFolder.isComplete(path) || Files.isRegularFile(path.resolve(TrainingRecord.FILE));
    if (isCheckpoint || RunFolder.step(path.toAbsolutePath()) >= 0) {
      return List.of(path);
    }
    List<Path> complete = new ArrayList<>();
    for (CheckpointEntry entry : CheckpointEntry.all(new RunFolder(path))) {
      if (entry.state() == State.VALID || entry.state() == State.DAMAGED) {
        complete.add(entry.path());
      } else {
        out.println(entry.path() + ": passed over, " + entry.state());
      }
    }
    if (complete.isEmpty()) {
      out.flush();
      throw new UserException(path + ": found no checkpoint that was written to its end, expected one");
    }
    return complete;
  }
}
