package kiln.launcher.jobs;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import kiln.data.queue.Split;
import kiln.data.stamps.StampsOptions;
import kiln.data.stamps.StampsSource;
import kiln.launcher.generate.DrawingOptions;
import kiln.launcher.generate.Generator;
import kiln.launcher.ranks.ExitStatus;
import kiln.model.diffusion.SamplerKind;

/** The main job on real pictures: Tux Paint's stamps with captions in many languages. */
public final class StampsJob {
  /** As large as the pictures and captions of the presets {@code stamps-vae} and {@code stamps}. */
  private static final StampsOptions DATA = StampsOptions.defaults(32, 64, 0);

  private static final DrawingOptions DRAWING = new DrawingOptions(SamplerKind.DDIM, 25, 3, 0);
  private static final int PICTURES = 36;

  private StampsJob() {}

  /**
   * @param path where everything goes
   * @param preset {@code stamps}, or another with a {@code -vae} beside it
   * @param settings values of both presets to replace
   * @return the exit status
   */
  public static int run(Path path, int ranks, String preset, List<String> settings, String command, PrintStream out) {
    JobFolder folder = new JobFolder(path, ranks, command);
    Stages stages = Stages.begin(out);
    Path grid = path.resolve("samples.png");
    try {
      stages.run("data", () -> folder.build(StampsSource.ofDebian(DATA, out::println), out));
      stages.run("autoencoder", () -> folder.train(preset + "-vae", settings, folder.vae(), null));
      stages.run("diffusion model", () -> folder.train(preset, settings, folder.model(), folder.vae()));
    } catch (JobFolder.Ended e) {
      return e.status();
    }
    PrintWriter files = new PrintWriter(out, false, StandardCharsets.UTF_8);
    stages.run(
        "pictures",
        () -> new Generator(folder.model(), DRAWING, files, files::println).drawBeside(folder.data(), Split.TRAIN, PICTURES, grid));
    out.println(JobFolder.validationLosses(folder.vae()));
    out.println(JobFolder.validationLosses(folder.model()));
    out.println("pictures: " + grid);
    out.println(stages.describe());
    return ExitStatus.OK;
  }
}
