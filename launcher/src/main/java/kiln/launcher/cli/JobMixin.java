package kiln.launcher.cli;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** What whole jobs have in common on the command line. */
final class JobMixin {
  @Option(names = "--ranks", paramLabel = "N", defaultValue = "2", description = "Processes that share the work.")
  private int ranks;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Replaces a value of both presets, as in steps=100; may be repeated.",
      showDefaultValue = CommandLine.Help.Visibility.NEVER)
  private List<String> settings = List.of();

  /** What differs between jobs. */
  @FunctionalInterface
  interface Job {
    int run(Path out, int ranks, List<String> settings, String command);
  }

  int run(CommandSpec spec, Path out, Job job) {
    if (ranks < 1) {
      throw new ParameterException(spec.commandLine(), "option --ranks: expected at least 1, found " + ranks);
    }
    return job.run(out, ranks, settings, Typed.command(spec));
  }
}
