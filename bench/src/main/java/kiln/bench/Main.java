package kiln.bench;

import kiln.bench.chaos.ChaosCommand;
import kiln.bench.checkpoint.CheckpointCommand;
import kiln.bench.collectives.CollectivesCommand;
import kiln.bench.data.DataCommand;
import kiln.bench.gpu.check.GpuCheckCommand;
import kiln.bench.images.ImagesCommand;
import kiln.bench.kernel.KernelsCommand;
import kiln.bench.scaling.ScalingCommand;
import kiln.bench.step.StepCommand;
import kiln.bench.typography.TypographyCommand;
import kiln.bindings.UserException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code ./kiln bench}: the benchmarks by name. */
@Command(
    name = "kiln bench",
    description = "Measures parts of Kiln; OMP_NUM_THREADS sets the threads of the kernels.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ChaosCommand.class,
      CheckpointCommand.class,
      CollectivesCommand.class,
      DataCommand.class,
      GpuCheckCommand.class,
      ImagesCommand.class,
      KernelsCommand.class,
      ScalingCommand.class,
      StepCommand.class,
      TypographyCommand.class
    })
public final class Main {
  private static final int USER_ERROR = 1;
  private static final int USAGE = 2;

  private Main() {}

  private static int mistake(Exception e, int status) {
    System.err.println("kiln bench: " + e.getMessage());
    return status;
  }

  public static void main(String[] args) {
    CommandLine command = new CommandLine(new Main());
    command.setParameterExceptionHandler((e, arguments) -> mistake(e, USAGE));
    command.setExecutionExceptionHandler((e, line, parsed) -> {
      if (e instanceof UserException) {
        return mistake(e, USER_ERROR);
      }
      throw e;
    });
    System.exit(args.length == 0 ? command.execute("--help") : command.execute(args));
  }
}
