package kiln.launcher.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import kiln.launcher.checkpoint.CheckpointManifest;
import kiln.launcher.checkpoint.Merging;
import kiln.launcher.checkpoint.RunFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kiln checkpoint merge}. */
@Command(
    name = "merge",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a checkpoint anew with one file per network and per moment, as if one rank had written it.",
      "",
      "The new folder is a checkpoint, from which training goes on bit for bit as from the other, and a pipeline folder that diffusers"
          + " loads. Every byte is verified before. To train from it, write it as RUN/checkpoints/step-…, under its old name."
    })
final class CheckpointMergeCommand implements Runnable {
  @Parameters(index = "0", paramLabel = "CHECKPOINT", description = "A checkpoint, or a run, for its newest.")
  private Path from;

  @Parameters(index = "1", paramLabel = "OUT", description = "What to write; must not be there yet.")
  private Path to;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    Merging merging = new Merging(RunFolder.resolve("CHECKPOINT", from));
    CheckpointManifest merged = merging.write(to);
    String format = "wrote %s: step %d, %,d files, %,d bytes; %d sets of tensors were in several files";
    out.println(
        String.format(Locale.ROOT, format, to, merged.step(), merged.files().size(), merged.bytes(), merging.numDivided()));
    out.flush();
  }
}
