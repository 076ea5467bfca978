package kiln.launcher.cli;

import kiln.launcher.guard.GuardOptions;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What is watched while training runs. */
final class GuardMixin {
  @Option(
      names = "--check-every",
      paramLabel = "N",
      defaultValue = "100",
      description = {
        "Compare the weights of all ranks at the start, every N steps and before they are saved; a difference ends the run.",
        "0: never."
      })
  private int checkEvery;

  @Option(
      names = "--max-skipped",
      paramLabel = "N",
      defaultValue = "10",
      description = "Steps in a row that may be skipped because loss or gradient is not finite; one more ends the run.")
  private int maxSkipped;

  @Option(
      names = "--spike-threshold",
      paramLabel = "X",
      defaultValue = "10",
      description = "Report losses X (robust) standard deviations above the median of the last 100 steps. 0: never.")
  private double spikeThreshold;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  GuardOptions options() {
    require(checkEvery >= 0, "--check-every: expected at least 0, found " + checkEvery);
    require(maxSkipped >= 0, "--max-skipped: expected at least 0, found " + maxSkipped);
    require(spikeThreshold >= 0, "--spike-threshold: expected at least 0, found " + spikeThreshold);
    return new GuardOptions(checkEvery, maxSkipped, spikeThreshold);
  }

  private void require(boolean holds, String line) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), "option " + line);
    }
  }
}
