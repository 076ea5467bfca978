package kiln.launcher.cli;

import java.io.PrintWriter;
import java.util.Collection;
import java.util.List;
import kiln.bindings.UserException;
import kiln.launcher.preset.Near;
import kiln.launcher.ranks.ExitStatus;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What goes wrong, as one line on standard error and an exit status. */
final class ErrorLines {
  private ErrorLines() {}

  /** A mistake on the command line. */
  static int usage(ParameterException e, String[] arguments) {
    print(e.getCommandLine(), line(e));
    return ExitStatus.USAGE;
  }

  /** A mistake of the user's that shows when the command runs; anything else is a bug and keeps its stack trace. */
  static int execution(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
    if (e instanceof UserException) {
      print(command, e.getMessage());
      return ExitStatus.USER_ERROR;
    }
    PrintWriter err = command.getErr();
    e.printStackTrace(err);
    err.flush();
    return ExitStatus.BUG;
  }

  private static void print(CommandLine command, String line) {
    command.getErr().println("kiln: " + line);
    command.getErr().flush();
  }

  private static String line(ParameterException e) {
    if (e instanceof UnmatchedArgumentException unmatched) {
      return unmatched(unmatched);
    }
    if (e instanceof OverwrittenOptionException twice) {
      return "option " + name(twice.getOverwritten()) + ": expected once, found more than once";
    }
    if (e instanceof MissingParameterException missing && !missing.getMissing().isEmpty()) {
      return missing(missing.getMissing().getFirst(), e.getCommandLine());
    }
    if (e.getArgSpec() != null && e.getValue() != null) {
      ArgSpec spec = e.getArgSpec();
      return "option " + name(spec) + ": expected " + kind(spec) + ", found " + e.getValue();
    }
    return e.getMessage().lines().findFirst().orElse("malformed command line");
  }

  private static String unmatched(UnmatchedArgumentException e) {
    CommandLine command = e.getCommandLine();
    String found = e.getUnmatched().getFirst();
    if (found.startsWith("-")) {
      String option = found.split("=", 2)[0];
      Collection<String> known =
          command.getCommandSpec().options().stream().filter(o -> !o.hidden()).map(OptionSpec::longestName).toList();
      return "option " + option + ": unknown" + Near.hint(option, known);
    }
    if (!command.getSubcommands().isEmpty()) {
      return "command " + found + ": unknown" + Near.hint(found, command.getSubcommands().keySet());
    }
    return "unexpected argument " + found + " (kiln " + command.getCommandName() + " --help)";
  }

  private static String missing(ArgSpec spec, CommandLine command) {
    String wanted = spec.paramLabel().isEmpty() ? "a value" : spec.paramLabel();
    return "option " + name(spec) + ": missing, expected " + wanted + " (kiln " + path(command) + " --help)";
  }

  private static String path(CommandLine command) {
    return command.getCommandSpec().qualifiedName(" ").replaceFirst("^kiln ", "");
  }

  private static String name(ArgSpec spec) {
    return spec instanceof OptionSpec option ? option.longestName() : spec.paramLabel();
  }

  private static String kind(ArgSpec spec) {
    Class<?> type = spec.auxiliaryTypes().length > 0 ? spec.auxiliaryTypes()[0] : spec.type();
    if (type.isEnum()) {
      return "one of " + String.join(", ", spec.completionCandidates() == null ? List.of() : spec.completionCandidates());
    }
    return switch (type.getSimpleName()) {
      case "int", "Integer", "long", "Long" -> "a whole number";
      case "double", "Double", "float", "Float" -> "a number";
      case "Path" -> "a path";
      default -> "another value";
    };
  }
}
