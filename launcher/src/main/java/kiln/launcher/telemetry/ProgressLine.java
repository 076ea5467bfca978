package kiln.launcher.telemetry;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import kiln.launcher.control.SlowestRank;

/** One line about the newest step: rewritten in place on a terminal, printed every few steps elsewhere. */
public final class ProgressLine {
  private static final long REDRAW = Duration.ofMillis(200).toNanos();

  private final PrintStream out;
  private final boolean terminal;
  private final long totalSteps;
  private final int every;
  private long drawn = System.nanoTime() - REDRAW;
  private boolean open;

  /**
   * @param totalSteps the step at which the run ends
   * @param every steps between lines if {@code terminal} is false
   */
  public ProgressLine(PrintStream out, boolean terminal, long totalSteps, int every) {
    this.out = out;
    this.terminal = terminal;
    this.totalSteps = totalSteps;
    this.every = every;
  }

  /**
   * @param remaining how long the rest of the run will take at the present speed
   */
  public void show(StepMetrics metrics, Duration remaining) {
    boolean last = metrics.step() == totalSteps;
    if (terminal) {
      long now = System.nanoTime();
      if (last || now - drawn >= REDRAW) {
        drawn = now;
        open = true;
        out.print("\r\u001b[K" + line(metrics, remaining));
        out.flush();
      }
    } else if (last || metrics.step() % every == 0 || metrics.step() == 1) {
      out.println(line(metrics, remaining));
    }
  }

  /** A line of its own, below the progress line as it stands. */
  public void say(String line) {
    end();
    out.println(line);
  }

  /** Ends the line that is being rewritten. */
  public void end() {
    if (open) {
      out.println();
      open = false;
    }
  }

  private String line(StepMetrics m, Duration remaining) {
    String line =
        String.format(
            Locale.ROOT,
            "step %d/%d  loss %.4f  grad %.3f  lr %.2e  %.1f samples/s  %.3f TFLOP/s  ETA %s  %.0f MB",
            m.step(),
            totalSteps,
            orNaN(m.loss()),
            orNaN(m.gradNorm()),
            m.learningRate(),
            m.samplesPerSecond(),
            m.tflops(),
            clock(remaining),
            m.peakMemory());
    String hidden = m.hiddenShare() == null ? "" : String.format(Locale.ROOT, "  %.0f %% hidden", 100 * m.hiddenShare());
    return line + hidden + slowest(m.slowest()) + (m.skipped() == null ? "" : "  " + m.skipped() + " skipped");
  }

  /** By how much the slowest rank's computing took longer than the median's. */
  private static String slowest(SlowestRank slowest) {
    return slowest == null
        ? ""
        : String.format(Locale.ROOT, "  slowest rank %d +%.0f %%", slowest.rank(), 100 * slowest.excess());
  }

  private static double orNaN(Double number) {
    return number == null ? Double.NaN : number;
  }

  /** As in {@code 1:02:03} or {@code 4:05}. */
  public static String clock(Duration d) {
    return d.toHours() > 0
        ? String.format(Locale.ROOT, "%d:%02d:%02d", d.toHours(), d.toMinutesPart(), d.toSecondsPart())
        : String.format(Locale.ROOT, "%d:%02d", d.toMinutes(), d.toSecondsPart());
  }
}
