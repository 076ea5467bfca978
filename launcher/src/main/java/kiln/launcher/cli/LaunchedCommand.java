package kiln.launcher.cli;

import java.io.PrintWriter;
import java.io.Writer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import kiln.bindings.UserException;
import kiln.launcher.ranks.ExitStatus;
import kiln.launcher.ranks.RankEnvironment;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * A command line as every rank of mpirun or srun gets it. A mistake in it is the same for all of them: rank 0 says it, and the
 * others wait until that has ended the job.
 */
final class LaunchedCommand {
  private static final Duration RANK_0_FIRST = Duration.ofSeconds(5);
  private static final Set<String> FOR_RANKS = Set.of("train", "doctor");

  private final Optional<RankEnvironment> rank;

  private LaunchedCommand(Optional<RankEnvironment> rank) {
    this.rank = rank;
  }

  static LaunchedCommand of(Map<String, String> variables) {
    try {
      return new LaunchedCommand(RankEnvironment.launched(variables));
    } catch (UserException e) {
      return new LaunchedCommand(Optional.empty()); // train says what is wrong
    }
  }

  int run(CommandLine command, String... arguments) {
    if (rank.isEmpty()) {
      return command.execute(arguments);
    }
    command.setExecutionStrategy(this::refuseOthers);
    boolean follows = rank.get().rank() > 0;
    if (follows) {
      command.setErr(new PrintWriter(Writer.nullWriter()));
    }
    int status = command.execute(arguments);
    if (follows && status != ExitStatus.OK && status != ExitStatus.STOPPED) {
      pause();
    }
    return status;
  }

  /** What is no work for several ranks would be done several times at once. */
  private int refuseOthers(ParseResult parsed) {
    ParseResult named = parsed.subcommand();
    boolean helps = CommandLine.printHelpIfRequested(parsed);
    if (!helps && named != null && !FOR_RANKS.contains(named.commandSpec().name())) {
      String found = rank.get().size() + " ranks of " + rank.get().starter().command();
      String name = named.commandSpec().name();
      throw new ParameterException(
          named.commandSpec().commandLine(), "command " + name + ": expected a single process, found " + found);
    }
    return helps ? ExitStatus.OK : new CommandLine.RunLast().execute(parsed);
  }

  private static void pause() {
    try {
      Thread.sleep(RANK_0_FIRST);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
