package kiln.launcher.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import kiln.launcher.jobs.StampsJob;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kiln stamps}. */
@Command(
    name = "stamps",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false,
    description = {
      "The whole job on Tux Paint's stamps: data, autoencoder, diffusion model, and a grid of pictures beside the real stamps.",
      "",
      "Given the same --out again it goes on where it was stopped."
    })
final class StampsJobCommand implements Callable<Integer> {
  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "out/stamps",
      description = "Folder for data, runs and pictures.")
  private Path out;

  @Mixin private JobMixin job;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    return job.run(
        spec,
        out,
        (path, ranks, settings, command) -> StampsJob.run(path, ranks, "stamps", settings, command, System.out));
  }
}
