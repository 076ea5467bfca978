package kiln.launcher.cli;

import java.nio.file.Path;
import java.time.Duration;
import kiln.launcher.train.DataOptions;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where data comes from, and when. */
final class DataMixin {
  @Option(names = "--data", required = true, paramLabel = "DIR", description = "Data set that kiln data made.")
  private Path data;

  @Option(
      names = "--follow",
      description = {
        "Train on a data set that kiln data is still making, on what is there. The first epoch is in the order of writing,",
        "whoever reads it and whenever; all others are shuffled. Validation begins when the data set is finished. See --ahead of",
        "kiln data."
      })
  private boolean follow;

  @Option(
      names = "--data-timeout",
      paramLabel = "TIME",
      defaultValue = "10m",
      description = "With --follow: how long a step waits for samples, until the run is saved and ends.")
  private String wait;

  @Option(
      names = "--stage",
      paramLabel = "DIR",
      description = {
        "Folder on a disk of this machine: what its ranks need is copied there beside training, in the order in which they need",
        "it, as far as there is room; ranks of a machine share it. For data on a network file system."
      })
  private Path stage;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  Path folder() {
    return data;
  }

  DataOptions options() {
    if (follow && stage != null) {
      throw new ParameterException(
          spec.commandLine(), "option --stage: expected no --follow with it: a data set is staged when it is finished");
    }
    return new DataOptions(follow, TimeSpans.parse(spec, "--data-timeout", wait, Duration.ofSeconds(1)), stage);
  }
}
