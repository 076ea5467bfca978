package kiln.launcher.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kiln data}: making and checking data sets. */
@Command(
    name = "data",
    mixinStandardHelpOptions = true,
    description = "Makes and checks data sets.",
    subcommands = {
      WebDatasetCommand.class,
      ParquetCommand.class,
      FolderCommand.class,
      JsonLinesCommand.class,
      StampsDataCommand.class,
      TypographyCommand.class,
      ScenesCommand.class,
      DocumentsCommand.class,
      MixCommand.class,
      DownloadCommand.class,
      EncodeCommand.class,
      ShowCommand.class,
      VerifyCommand.class
    })
final class DataCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    CommandLine command = spec.commandLine();
    throw new ParameterException(
        command, "command: missing after data, expected one of " + String.join(", ", command.getSubcommands().keySet()));
  }
}
