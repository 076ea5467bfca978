package kiln.launcher.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import kiln.launcher.jobs.Quickstart;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kiln quickstart}. */
@Command(
    name = "quickstart",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false,
    description = {
      "The whole job on typography: data, autoencoder, diffusion model, a grid of pictures and a score.",
      "",
      "Given the same --out again it goes on where it was stopped."
    })
final class QuickstartCommand implements Callable<Integer> {
  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "out/quickstart",
      description = "Folder for data, runs and pictures.")
  private Path out;

  @Mixin private JobMixin job;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    return job.run(
        spec,
        out,
        (path, ranks, settings, command) -> Quickstart.run(path, ranks, "quickstart", settings, command, System.out));
  }
}
