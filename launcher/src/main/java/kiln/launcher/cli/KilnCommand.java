package kiln.launcher.cli;

import kiln.launcher.ranks.ExitStatus;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code kiln}: the commands, and how their mistakes are reported. */
@Command(
    name = "kiln",
    mixinStandardHelpOptions = true,
    version = "kiln 0.1.0",
    description = "Trains character-aware latent diffusion models on many ranks, and draws with them.",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      ExitStatus.OK + ":done",
      ExitStatus.USER_ERROR + ":something to put right, found while running",
      ExitStatus.USAGE + ":a mistake on the command line",
      ExitStatus.BUG + ":a bug",
      ExitStatus.STOPPED + ":asked to stop: what was done is saved, and the same command goes on",
      ExitStatus.INTERRUPTED + ":ended at once by a second signal",
    },
    subcommands = {
      QuickstartCommand.class,
      StampsJobCommand.class,
      DataCommand.class,
      InitCommand.class,
      TrainCommand.class,
      GenerateCommand.class,
      ScoreCommand.class,
      CheckpointCommand.class,
      ExportCommand.class,
      Text2TextCommand.class,
      InspectCommand.class,
      ConvertCommand.class,
      ExplainCommand.class,
      PresetsCommand.class,
      RecorderCommand.class,
      DoctorCommand.class,
      BundleCommand.class,
      SetupCommand.class,
    })
public final class KilnCommand implements Runnable {
  @Spec private CommandSpec spec;

  /** Runs one command line; returns the exit status. */
  public static int run(String... arguments) {
    CommandLine command = new CommandLine(new KilnCommand());
    command.setCaseInsensitiveEnumValuesAllowed(true);
    command.setParameterExceptionHandler(ErrorLines::usage);
    command.setExecutionExceptionHandler(ErrorLines::execution);
    return LaunchedCommand.of(System.getenv()).run(command, arguments);
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getErr());
    throw new CommandLine.ParameterException(spec.commandLine(), "command: missing, expected one of those above");
  }
}
