package kiln.launcher.cli;

import java.nio.file.Path;
import java.util.List;
import kiln.data.typography.FontCatalog;
import kiln.data.typography.FontFace;
import kiln.launcher.generate.CharacterScore;
import kiln.model.diffusion.DrawingSettings;
import kiln.model.diffusion.SamplerKind;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kiln score}. */
@Command(
    name = "score",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false,
    description = {
      "Draws 36 characters (A-Z, 0-9) and counts how many are nearest, by normalised correlation, to the one asked for,",
      "in fonts that training has not seen."
    })
final class ScoreCommand implements Runnable {
  @Option(
      names = "--checkpoint",
      required = true,
      paramLabel = "DIR",
      description = "A checkpoint, or a run, whose newest checkpoint is taken.")
  private Path checkpoint;

  @Option(names = "--out", paramLabel = "FILE", defaultValue = "score.png", description = "PNG file for the pictures.")
  private Path out;

  @Option(names = "--steps", paramLabel = "N", defaultValue = "25", description = "Steps of the sampler.")
  private int steps;

  @Option(names = "--guidance", paramLabel = "SCALE", defaultValue = "3", description = "Scale of guidance; 1 is none.")
  private float guidance;

  @Option(names = "--seed", paramLabel = "N", defaultValue = "0", description = "Of the noise that drawings start from.")
  private long seed;

  @Option(names = "--sampler", paramLabel = "NAME", defaultValue = "ddim", description = "ddim or dpmpp.")
  private SamplerKind sampler;

  @Option(
      names = "--holdout-fonts",
      paramLabel = "REGEX",
      description = "As given to data typography: the families to compare with.")
  private String holdoutFonts;

  @Option(names = "--raw", description = "Draw with the weights of the last step, not with their moving average.")
  private boolean raw;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    FontCatalog catalog = FontCatalog.ofMachine(System.err::println);
    List<FontFace> unseen = (holdoutFonts == null ? catalog.holdOut() : catalog.holdOut(holdoutFonts)).heldOut();
    DrawingSettings settings = new DrawingSettings(sampler, steps, guidance, 0, seed);
    CharacterScore score = CharacterScore.measure(checkpoint, !raw, settings, unseen, out);
    spec.commandLine().getOut().println(score.describe());
    spec.commandLine().getOut().println("pictures: " + out);
  }
}
