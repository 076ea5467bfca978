package kiln.launcher.jobs;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import kiln.data.BucketTable;
import kiln.data.typography.TypographyOptions;
import kiln.data.typography.TypographySource;
import kiln.launcher.generate.CharacterScore;
import kiln.launcher.generate.DrawingOptions;
import kiln.launcher.ranks.ExitStatus;
import kiln.model.diffusion.SamplerKind;

/** The main job with nothing to configure: characters in the fonts of this machine, drawn, learned, drawn again and judged. */
public final class Quickstart {
  /** As large as the pictures and captions of the presets {@code quickstart-vae} and {@code quickstart}. */
  private static final TypographyOptions DATA =
      new TypographyOptions(
          BucketTable.square(32, 64), 20480, 256, 0, 0.9, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 0.7, 0.5, Optional.empty());

  private static final DrawingOptions DRAWING = new DrawingOptions(SamplerKind.DDIM, 25, 3, 0);

  private Quickstart() {}

  /**
   * @param path where everything goes
   * @param preset {@code quickstart}, or another with a {@code -vae} beside it
   * @param settings values of both presets to replace
   * @return the exit status
   */
  public static int run(Path path, int ranks, String preset, List<String> settings, String command, PrintStream out) {
    JobFolder folder = new JobFolder(path, ranks, command);
    Stages stages = Stages.begin(out);
    TypographySource source = TypographySource.ofMachine(DATA, out::println);
    Path grid = path.resolve("samples.png");
    try {
      stages.run("data", () -> folder.build(source, out));
      stages.run("autoencoder", () -> folder.train(preset + "-vae", settings, folder.vae(), null));
      stages.run("diffusion model", () -> folder.train(preset, settings, folder.model(), folder.vae()));
    } catch (JobFolder.Ended e) {
      return e.status();
    }
    CharacterScore score =
        stages.get(
            "pictures and score",
            () -> CharacterScore.measure(folder.model(), DRAWING, source.fonts().heldOut(), grid));
    out.println(JobFolder.validationLosses(folder.vae()));
    out.println(JobFolder.validationLosses(folder.model()));
    out.println("pictures: " + grid);
    out.println(score.describe());
    out.println(stages.describe());
    return ExitStatus.OK;
  }
}
