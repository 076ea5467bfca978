package kiln.launcher.ranks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * Where ranks' lines go on their way to the user: with the rank's number, each on a line of its own also where rank 0 rewrites
 * its progress in place, and a warning that all ranks have only once.
 */
final class RankOutput {
  private static final String WARNING = "kiln: warning: ";
  private static final String ERASE_LINE = "\r\u001b[K";

  private final PrintStream err;
  private final String before;
  private final Set<String> warnings = new HashSet<>();

  RankOutput(PrintStream err) {
    this(err, isTerminal());
  }

  RankOutput(PrintStream err, boolean terminal) {
    this.err = err;
    this.before = terminal ? ERASE_LINE : "";
  }

  static boolean isWarning(String line) {
    return line.startsWith(WARNING);
  }

  synchronized void pass(int rank, String line) {
    if (!isWarning(line)) {
      err.println(before + "[rank " + rank + "] " + line);
    } else if (warnings.add(line)) {
      err.println(before + line);
    }
  }

  /** A line that rank 0 was rewriting when it was lost stays as it is. */
  void endProgress() {
    if (!before.isEmpty()) {
      err.println();
    }
  }

  /** Of standard error; Java knows it of standard output only. */
  private static boolean isTerminal() {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/fd/2")).startsWith("/dev/pts");
    } catch (IOException e) {
      return false;
    }
  }
}
