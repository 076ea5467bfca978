package kiln.launcher.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kiln setup}: making ready what Kiln can use but does not bring along. */
@Command(
    name = "setup",
    mixinStandardHelpOptions = true,
    description = "Makes ready what Kiln can use but does not bring along.",
    subcommands = {SetupMpiCommand.class})
final class SetupCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    CommandLine command = spec.commandLine();
    throw new ParameterException(
        command, "command: missing after setup, expected one of " + String.join(", ", command.getSubcommands().keySet()));
  }
}
