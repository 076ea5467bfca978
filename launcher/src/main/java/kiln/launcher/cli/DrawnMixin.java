package kiln.launcher.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kiln.data.BucketTable;
import kiln.data.typeset.Language;
import kiln.data.typeset.WritingFonts;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** What scenes and documents, which are drawn in many languages, have in common on the command line. */
final class DrawnMixin {
  @Option(
      names = "--size",
      paramLabel = "HxW",
      defaultValue = "256x256",
      split = ",",
      description = "Image sizes in pixels, with equal chances.")
  private List<String> sizes;

  @Option(
      names = "--caption-length",
      paramLabel = "N",
      defaultValue = "64,128,256,512",
      split = ",",
      description = "Tokens (bytes and an end) of a caption; each caption goes to the shortest that holds it.")
  private List<Integer> captionLengths;

  @Option(names = "--count", paramLabel = "N", defaultValue = "16384", description = "Training samples.")
  long count;

  @Option(
      names = "--validation-count",
      paramLabel = "N",
      defaultValue = "512",
      description = "Samples in fonts that training never sees.")
  long validationCount;

  @Option(names = "--seed", paramLabel = "N", defaultValue = "0", description = "Of all that is random.")
  long seed;

  @Option(
      names = "--languages",
      paramLabel = "CODE",
      split = ",",
      description = "What texts are written in, with equal chances; all that Kiln writes if not given.")
  private List<String> languages = List.of();

  @Option(
      names = "--holdout-fonts",
      paramLabel = "REGEX",
      description = "Families that only validation uses; a fifth of each language's if not given.")
  private String holdoutFonts;

  BucketTable table(CommandSpec spec) {
    return new BucketTable(Sizes.parse(spec, "--size", sizes), new ArrayList<>(captionLengths));
  }

  List<String> languages(List<String> all) {
    return languages.isEmpty() ? all : languages;
  }

  Optional<String> holdoutFonts() {
    return Optional.ofNullable(holdoutFonts);
  }

  /** Fonts of this machine and of Debian packages, which are fetched if they are missing. */
  static WritingFonts fonts(List<String> languages) {
    return WritingFonts.ofMachine(languages.stream().map(Language::of).toList(), System.err::println);
  }
}
