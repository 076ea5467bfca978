package kiln.launcher.cli;

import java.util.Optional;
import kiln.data.typography.TypographyOptions;
import kiln.data.typography.TypographySource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kiln data typography}. */
@Command(
    name = "typography",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false,
    description = "Draws words and single characters in the fonts of this machine; captions say the text and how it looks.")
final class TypographyCommand implements Runnable {
  @Mixin private BuildMixin build;

  @Mixin private BucketMixin buckets;

  @Option(names = "--count", paramLabel = "N", defaultValue = "16384", description = "Training samples.")
  private long count;

  @Option(
      names = "--validation-count",
      paramLabel = "N",
      defaultValue = "512",
      description = "Samples in fonts that training never sees.")
  private long validationCount;

  @Option(names = "--seed", paramLabel = "N", defaultValue = "0", description = "Of all that is random.")
  private long seed;

  @Option(
      names = "--single-characters",
      paramLabel = "SHARE",
      defaultValue = "0.7",
      description = "Share of samples that show one character; the others show a word or a number.")
  private double singleCharacters;

  @Option(
      names = "--characters",
      paramLabel = "TEXT",
      defaultValue = TypographyOptions.ALL_CHARACTERS,
      description = "The single characters.")
  private String characters;

  @Option(
      names = "--plain",
      paramLabel = "SHARE",
      defaultValue = "0.1",
      description = "Share of samples that are large, black on white and in the middle.")
  private double plain;

  @Option(
      names = "--short-captions",
      paramLabel = "SHARE",
      defaultValue = "0.15",
      description = "Share of captions that name the text alone, not how it looks.")
  private double shortCaptions;

  @Option(
      names = "--holdout-fonts",
      paramLabel = "REGEX",
      description = "Families that only validation uses; a fifth of all if not given.")
  private String holdoutFonts;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    TypographyOptions options =
        new TypographyOptions(
            buckets.table(spec),
            count,
            validationCount,
            seed,
            singleCharacters,
            characters,
            plain,
            shortCaptions,
            Optional.ofNullable(holdoutFonts));
    build.build(TypographySource.ofMachine(options, System.err::println), spec.commandLine().getOut());
  }
}
