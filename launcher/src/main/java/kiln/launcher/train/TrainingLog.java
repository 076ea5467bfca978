package kiln.launcher.train;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import kiln.bindings.UserException;
import kiln.launcher.checkpoint.RunFolder;
import kiln.launcher.checkpoint.SavedCheckpoint;
import kiln.launcher.guard.LossSpikes;
import kiln.launcher.preset.Preset;
import kiln.launcher.telemetry.LossCurve;
import kiln.launcher.telemetry.MetricsLog;
import kiln.launcher.telemetry.ProgressLine;
import kiln.launcher.telemetry.StepMetrics;

/** Where a run's news go: the progress line, metrics.jsonl and loss.png. Rank 0 has one. */
final class TrainingLog implements AutoCloseable {
  /** Weight of the newest step in the speed by which the rest is estimated. */
  private static final double NEWEST = 0.1;

  private final Preset preset;
  private final RunFolder run;
  private final ProgressLine line;
  private final MetricsLog metrics;
  private final LossSpikes spikes;
  private double secondsPerStep = Double.NaN;
  private StepMetrics pending;
  private StepMetrics unvalidated; // the line of the step that the run goes on from, if its validation was cut short; else null
  private double stall; // of the checkpoint that was begun last

  /**
   * @param step at which the run goes on; later lines of an earlier run are dropped
   * @param spikes tells which losses deserve a line
   */
  TrainingLog(Preset preset, RunFolder run, PrintStream out, boolean terminal, long step, LossSpikes spikes) {
    this.preset = preset;
    this.run = run;
    this.line = new ProgressLine(out, terminal, preset.steps(), preset.logEvery());
    this.metrics = MetricsLog.open(run.metrics(), step);
    this.spikes = spikes;
    List<StepMetrics> before = step == 0 ? List.of() : metrics.steps();
    StepMetrics last = before.isEmpty() ? null : before.getLast();
    this.unvalidated = last != null && last.step() == step && last.validationLoss() == null ? last : null;
  }

  /** Whether the step that the run goes on from has a line, but no validation loss. */
  boolean lacksValidation() {
    return unvalidated != null;
  }

  /** A step has been taken. */
  void step(StepMetrics step, double seconds) {
    flush();
    secondsPerStep = Double.isNaN(secondsPerStep) ? seconds : secondsPerStep + NEWEST * (seconds - secondsPerStep);
    line.show(step, Duration.ofMillis((long) (1000 * secondsPerStep * (preset.steps() - step.step()))));
    if (step.loss() != null) {
      spikes.take(step.step(), step.loss()).ifPresent(line::say);
    }
    pending = step;
  }

  /** The validation loss after the last step, or at the start, or after the step that the run goes on from. */
  void validation(long step, double loss) {
    if (unvalidated != null && unvalidated.step() == step) {
      metrics.replaceLast(unvalidated.withValidationLoss(loss));
      unvalidated = null;
    } else {
      pending = pending == null ? StepMetrics.validation(step, loss) : pending.withValidationLoss(loss);
    }
    line.say(String.format(Locale.ROOT, "step %d/%d  validation loss %.4f", step, preset.steps(), loss));
  }

  /** A checkpoint has been begun: all lines up to its step are in the file before it can be complete. */
  void saving(double seconds) {
    stall = seconds;
    pending = pending == null ? null : pending.withSaveSeconds(seconds);
    flush();
    drawCurve();
  }

  /** A checkpoint is complete. */
  void saved(SavedCheckpoint checkpoint) {
    line.say(
        String.format(
            Locale.ROOT, "saved %s (%.1f MB in %.2f s; training waited %.2f s)", checkpoint.path(), checkpoint.bytes() * 1e-6,
            checkpoint.seconds(), stall));
  }

  void say(String text) {
    line.say(text);
  }

  /** Writes the newest step's line, which is complete when the next step or a checkpoint begins. */
  private void flush() {
    if (pending != null) {
      metrics.append(pending);
      pending = null;
    }
  }

  private void drawCurve() {
    try {
      LossCurve.write(run.lossCurve(), preset.name(), metrics.steps());
    } catch (IOException e) {
      throw new UserException(run.lossCurve() + ": cannot be written (" + e.getMessage() + ")", e);
    }
  }

  @Override
  public void close() {
    flush();
    line.end();
    metrics.close();
  }
}
