package kiln.launcher.cli;

import java.nio.file.Path;
import java.util.List;
import kiln.data.typography.FontCatalog;
import kiln.data.typography.FontFace;
import kiln.launcher.generate.CharacterScore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
      description = "A pipeline folder, a checkpoint, or a run, whose newest checkpoint is taken.")
  private Path checkpoint;

  @Option(names = "--out", paramLabel = "FILE", defaultValue = "score.png", description = "PNG file for the pictures.")
  private Path out;

  @Mixin private SamplingMixin sampling;

  @Option(
      names = "--holdout-fonts",
      paramLabel = "REGEX",
      description = "As given to data typography: the families to compare with.")
  private String holdoutFonts;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    FontCatalog catalog = FontCatalog.ofMachine(System.err::println);
    List<FontFace> unseen = (holdoutFonts == null ? catalog.holdOut() : catalog.holdOut(holdoutFonts)).heldOut();
    CharacterScore score = CharacterScore.measure(checkpoint, sampling.options(), unseen, out);
    spec.commandLine().getOut().println(score.describe());
    spec.commandLine().getOut().println("pictures: " + out);
  }
}
