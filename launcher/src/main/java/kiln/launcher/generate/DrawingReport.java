package kiln.launcher.generate;

import java.io.PrintWriter;
import java.io.Writer;
import java.time.Duration;
import java.util.Locale;
import java.util.StringJoiner;
import kiln.launcher.telemetry.ProgressLine;
import kiln.model.pipeline.DecodedRange;
import kiln.model.pipeline.PlanSizes;

/**
 * What a drawing tells while it goes on: memory before it begins, a line about its steps (rewritten in place on a terminal,
 * printed rarely elsewhere), and what memory it took.
 */
final class DrawingReport {
  private static final double MEGA = 1e6;
  private static final long REDRAW = Duration.ofMillis(200).toNanos();
  private static final long RARELY = Duration.ofSeconds(30).toNanos();

  /** Below this the virtual machine is most of what a process takes, and a ratio says nothing. */
  private static final double LARGE = 500 * MEGA;

  private final PrintWriter out;
  private final boolean terminal;
  private final boolean onHost;
  private long expected;
  private long firstStep;
  private long shown;
  private boolean open;

  /**
   * @param terminal whether {@code out} is one
   * @param onHost whether weights and plans are in the memory of this process
   */
  DrawingReport(PrintWriter out, boolean terminal, boolean onHost) {
    this.out = out;
    this.terminal = terminal;
    this.onHost = onHost;
  }

  /** Tells nobody. */
  static DrawingReport quiet() {
    return new DrawingReport(new PrintWriter(Writer.nullWriter()), false, true);
  }

  /**
   * @param weights bytes of all weights
   * @param peak bytes of weights and plans when they are most
   */
  void planned(long weights, PlanSizes plans, long peak) {
    StringJoiner sizes = new StringJoiner(", ");
    add(sizes, "text encoder", plans.text().bytes());
    add(sizes, "VAE encoder", plans.encode().bytes());
    add(sizes, "UNet", plans.denoise().bytes());
    add(sizes, "VAE decoder", plans.decode().bytes());
    expected = peak;
    say(where() + ": weights " + megabytes(weights) + "; plans: " + sizes + "; at most " + megabytes(peak) + " at a time");
  }

  private static void add(StringJoiner sizes, String name, long bytes) {
    if (bytes > 0) {
      sizes.add(name + " " + megabytes(bytes));
    }
  }

  void stepped(int done, int total) {
    long now = System.nanoTime();
    if (done == 1) {
      firstStep = now;
    } else if (done < total && now - shown < (terminal ? REDRAW : RARELY)) {
      return;
    }
    shown = now;
    String line = "step " + done + "/" + total;
    if (done > 1) {
      double perStep = (now - firstStep) / 1e9 / (done - 1);
      Duration remaining = Duration.ofMillis(Math.round(1000 * perStep * (total - done)));
      line += String.format(Locale.ROOT, "  %.3g s/step  ETA %s", perStep, ProgressLine.clock(remaining));
    }
    if (terminal) {
      open = true;
      out.print("\r\u001b[K" + line);
      out.flush();
    } else {
      say(line);
    }
  }

  /** A line of its own. */
  void say(String line) {
    end();
    out.println(line);
    out.flush();
  }

  /** Ends the line that is being rewritten. */
  void end() {
    if (open) {
      out.println();
      out.flush();
      open = false;
    }
  }

  /**
   * @param peakMegabytes that weights and plans, or on processors the whole process, took at most at once
   */
  void finished(DecodedRange range, double peakMegabytes) {
    if (range.shareOutside() > 0) {
      say(
          String.format(
              Locale.ROOT,
              "decoded: %.2g %% of the values lie outside of [-1, 1] and were cut; the furthest is %.3g",
              100 * range.shareOutside(),
              range.furthest()));
    }
    double peak = peakMegabytes * MEGA;
    if (peak > 0 && expected >= LARGE) {
      say(
          String.format(
              Locale.ROOT, "peak %s: %s, %.2f times weights and plan", where(), megabytes(Math.round(peak)), peak / expected));
    } else if (peak > 0) {
      say("peak " + where() + ": " + megabytes(Math.round(peak)));
    }
  }

  private String where() {
    return onHost ? "memory" : "memory of the GPU";
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, bytes < 10 * MEGA ? "%.1f MB" : "%.0f MB", bytes / MEGA);
  }
}
