package kiln.launcher.cli;

import kiln.launcher.checkpoint.Retention;
import kiln.launcher.train.SaveInterval;
import kiln.launcher.train.SaveOptions;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** When a run is saved, and what stays. */
final class SaveMixin {
  @Option(
      names = "--save-every",
      paramLabel = "INTERVAL",
      description = {
        "Save every so many steps (500), minutes or hours (20m, 2h) or passes over the data (epoch, 3 epochs); save_every of the",
        "preset if not given. The last step is always saved, and the step after which a run is stopped."
      })
  private String every;

  @Option(names = "--keep", paramLabel = "N", defaultValue = "2", description = "Newest checkpoints that stay.")
  private int keep;

  @Option(
      names = "--keep-every",
      paramLabel = "K",
      defaultValue = "0",
      description = "Those of steps that K divides stay, too; 0 for none.")
  private long keepEvery;

  @Option(
      names = "--async-save",
      paramLabel = "WHEN",
      defaultValue = "auto",
      description = {
        "Write checkpoints beside training, from a copy of what each rank writes: on, off (training waits for the disk), or auto:",
        "on if there is memory for the copy."
      })
  private SaveOptions.Beside beside;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  SaveOptions options() {
    if (keep < 1) {
      throw refusal("--keep: expected at least 1, found " + keep);
    }
    if (keepEvery < 0) {
      throw refusal("--keep-every: expected at least 0, found " + keepEvery);
    }
    return new SaveOptions(every == null ? null : interval(), new Retention(keep, keepEvery), beside);
  }

  private SaveInterval interval() {
    return SaveInterval.parse(every)
        .orElseThrow(() -> refusal("--save-every: expected steps, a time or epochs, as in 500, 20m or epoch, found " + every));
  }

  private ParameterException refusal(String line) {
    return new ParameterException(spec.commandLine(), "option " + line);
  }
}
