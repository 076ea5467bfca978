package kiln.launcher.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import kiln.launcher.checkpoint.CheckpointEntry;
import kiln.launcher.checkpoint.Pruning;
import kiln.launcher.checkpoint.Retention;
import kiln.launcher.checkpoint.RunFolder;
import kiln.launcher.checkpoint.RunLock;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kiln checkpoint prune}. */
@Command(
    name = "prune",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Deletes checkpoints of a run as training does.",
      "",
      "The newest that is sound always stays: every byte of it is read first. Damaged ones do not count among those that stay, and"
          + " they and incomplete ones are deleted only if an option says so. Those of earlier formats are never touched. It is refused while a job trains there:"
          + " that prunes by itself."
    })
final class CheckpointPruneCommand implements Runnable {
  @Parameters(paramLabel = "RUN", description = "Folder of a run.")
  private Path path;

  @Option(names = "--keep", required = true, paramLabel = "N", description = "Newest checkpoints that stay.")
  private int keep;

  @Option(
      names = "--keep-every",
      paramLabel = "K",
      defaultValue = "0",
      description = "Those of steps that K divides stay, too.")
  private long keepEvery;

  @Option(names = "--damaged", description = "Delete damaged ones, too, and those that runs have put aside.")
  private boolean damaged;

  @Option(names = "--incomplete", description = "Delete what was not written to its end, too.")
  private boolean incomplete;

  @Option(names = "--dry-run", description = "Say what would be deleted, and delete nothing.")
  private boolean dryRun;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    RunFolder run = new RunFolder(path);
    Retention retention = retention();
    CheckpointEntry.requireRun(run);
    if (dryRun) {
      print(out, plan(run, retention));
      return;
    }
    try (RunLock _ = RunLock.take("", run)) { // a job would fail over what goes away under it
      Pruning pruning = plan(run, retention);
      pruning.carryOut();
      print(out, pruning);
    }
  }

  private Pruning plan(RunFolder run, Retention retention) {
    return Pruning.plan(run, retention, new Pruning.Also(incomplete, damaged));
  }

  private void print(PrintWriter out, Pruning pruning) {
    String did = dryRun ? "would delete" : "deleted";
    for (Pruning.Deletion deletion : pruning.deletions()) {
      String size = String.format(Locale.ROOT, "%,d bytes", deletion.entry().bytes());
      out.println(did + " " + deletion.entry().path().getFileName() + ", " + size + ": " + deletion.reason());
    }
    String format = "%s %d of %d, %,d bytes; %s";
    int deleted = pruning.deletions().size();
    String newest = pruning.newest().map(n -> "the newest that is sound is " + n.path().getFileName()).orElse("none is sound");
    out.println(String.format(Locale.ROOT, format, did, deleted, deleted + pruning.kept().size(), pruning.bytes(), newest));
    out.flush();
  }

  private Retention retention() {
    if (keep < 1) {
      throw new ParameterException(spec.commandLine(), "option --keep: expected at least 1, found " + keep);
    }
    if (keepEvery < 0) {
      throw new ParameterException(spec.commandLine(), "option --keep-every: expected at least 0, found " + keepEvery);
    }
    return new Retention(keep, keepEvery);
  }
}
