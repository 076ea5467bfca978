package kiln.launcher.telemetry;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import kiln.data.download.DownloadProgress;

/** One line about a download under way: rewritten in place on a terminal, a new one every few seconds elsewhere. */
public final class DownloadLine implements DownloadProgress.Listener {
  private static final double SECONDS_BETWEEN_LINES = 10;

  private final PrintStream out;
  private final boolean terminal;
  private double printed;
  private boolean open;

  public DownloadLine(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  @Override
  public void progress(DownloadProgress progress) {
    if (terminal) {
      open = true;
      out.print("\r\u001b[K" + line(progress));
      out.flush();
    } else if (progress.seconds() - printed >= SECONDS_BETWEEN_LINES) {
      printed = progress.seconds();
      out.println(line(progress));
    }
  }

  /** Ends the line that is being rewritten. */
  public void end() {
    if (open) {
      out.println();
      open = false;
    }
  }

  private static String line(DownloadProgress p) {
    double seconds = Math.max(p.seconds(), 1e-3);
    String total = p.total().isPresent() ? "/" + p.total().getAsLong() : "";
    return String.format(
        Locale.ROOT,
        "row %d%s  %d pictures  %d failed  %.1f images/s  %.1f MB/s%s",
        p.done(),
        total,
        p.stored(),
        p.failed(),
        p.stored() / seconds,
        p.bytes() * 1e-6 / seconds,
        remaining(p));
  }

  /** At the speed of this run so far. */
  private static String remaining(DownloadProgress p) {
    long finished = p.stored() + p.failed();
    if (p.total().isEmpty() || finished == 0) {
      return "";
    }
    double seconds = Math.max(0, p.total().getAsLong() - p.done()) * p.seconds() / finished;
    return "  ETA " + ProgressLine.clock(Duration.ofSeconds(Math.round(seconds)));
  }
}
