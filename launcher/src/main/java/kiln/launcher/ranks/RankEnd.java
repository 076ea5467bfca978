package kiln.launcher.ranks;

import java.io.PrintStream;
import java.util.List;

/**
 * How all ranks of a job have ended.
 *
 * @param status {@link ExitStatus#OK}, {@link ExitStatus#STOPPED}, or of the rank that failed first
 * @param lines what there is to say about a failure, or about a stop before there was anything to save
 * @param mistake whether the user has something to put right, which another try would find again
 */
public record RankEnd(int status, List<String> lines, boolean mistake) {
  private static final String PREFIX = "kiln: ";

  public RankEnd {
    lines = List.copyOf(lines);
  }

  static RankEnd of(int status) {
    return new RankEnd(status, List.of(), false);
  }

  /** Whether the same job may well succeed the next time: ranks were killed, lost or crashed. */
  public boolean mayBeTriedAgain() {
    return switch (status) {
      case ExitStatus.OK, ExitStatus.STOPPED, ExitStatus.USAGE, ExitStatus.INTERRUPTED -> false;
      default -> !mistake;
    };
  }

  /** The failure in a few words. */
  public String reason() {
    return lines.isEmpty() ? ExitStatus.describe(status) : lines.getLast().replaceFirst("^" + PREFIX, "");
  }

  /**
   * Says what there is to say, if this is a failure.
   *
   * @param afterwards what the user can do about a failure that is no mistake, to end its line
   */
  public void print(PrintStream err, String afterwards) {
    if (status == ExitStatus.STOPPED) {
      return;
    }
    for (int i = 0; i < lines.size(); i++) {
      boolean last = i == lines.size() - 1;
      err.println(lines.get(i) + (last && !mistake ? "; " + afterwards : ""));
    }
  }
}
