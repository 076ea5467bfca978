package kiln.launcher.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kiln checkpoint}: looking after what runs have saved. */
@Command(
    name = "checkpoint",
    mixinStandardHelpOptions = true,
    description = "Lists, verifies, prunes, compares and merges checkpoints.",
    subcommands = {
      CheckpointListCommand.class,
      CheckpointVerifyCommand.class,
      CheckpointPruneCommand.class,
      CheckpointDiffCommand.class,
      CheckpointMergeCommand.class
    })
final class CheckpointCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    CommandLine command = spec.commandLine();
    String expected = String.join(", ", command.getSubcommands().keySet());
    throw new ParameterException(command, "command: missing after checkpoint, expected one of " + expected);
  }
}
