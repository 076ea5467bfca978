package kiln.launcher.cli;

import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/** The command line as it was typed, for lines that say how to go on. */
final class Typed {
  private Typed() {}

  static String command(CommandSpec spec) {
    List<String> arguments = spec.root().commandLine().getParseResult().originalArgs();
    return "./kiln " + arguments.stream().map(Typed::quoted).collect(Collectors.joining(" "));
  }

  /** As a shell reads it back. */
  private static String quoted(String argument) {
    return argument.matches("[\\w@%+=:,./-]+") ? argument : "'" + argument.replace("'", "'\\''") + "'";
  }
}
