package kiln.launcher.cli;

import java.util.ArrayList;
import java.util.List;
import kiln.data.BucketTable;
import kiln.data.image.PictureLimits;
import kiln.data.prepare.CaptionedSource;
import kiln.data.prepare.CropPlace;
import kiln.data.prepare.Fit;
import kiln.data.prepare.PreparationOptions;
import kiln.data.source.RawSource;
import kiln.data.source.Source;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** How picture files and captions become samples, as all sources of picture files take it on the command line. */
final class PreparationMixin {
  private static final String DEFAULT_SIZE = "256x256";

  @Option(
      names = "--size",
      paramLabel = "HxW",
      split = ",",
      description =
          "Image sizes in pixels, " + DEFAULT_SIZE + " if not given; of several, a picture goes to that of the nearest aspect"
              + " ratio.")
  private List<String> sizes;

  @Option(
      names = "--aspect-ratios",
      paramLabel = "BASE",
      description =
          "Instead of --size: all sizes whose sides are multiples of --bucket-step, of at most BASE x BASE pixels and with no"
              + " side above --longest (NovelAI's scheme).")
  private Integer base;

  @Option(
      names = "--bucket-step",
      paramLabel = "N",
      description = "Pixels between the sizes of --aspect-ratios, 64 if not given.")
  private Integer step;

  @Option(
      names = "--longest",
      paramLabel = "N",
      description = "Longest side of the sizes of --aspect-ratios, twice BASE if not given.")
  private Integer longest;

  @Option(
      names = "--caption-length",
      paramLabel = "N",
      defaultValue = "32,64,128,256,512,1024",
      split = ",",
      description =
          "Tokens (bytes and an end) of a caption; each caption goes to the shortest that holds it, and what the longest does"
              + " not hold is cut off.")
  private List<Integer> captionLengths;

  @Option(
      names = "--fit",
      paramLabel = "HOW",
      defaultValue = "crop",
      description = "How a picture gets its bucket's shape: crop covers it, pad lies in it on white, squash is stretched to it.")
  private Fit fit;

  @Option(names = "--crop", paramLabel = "WHERE", defaultValue = "center", description = "What --fit crop keeps: center, random.")
  private CropPlace cropPlace;

  @Option(
      names = "--min-size",
      paramLabel = "N",
      defaultValue = "1",
      description = "Pictures whose shorter side has fewer pixels are left out.")
  private int minSize;

  @Option(
      names = "--uncaptioned",
      description = "Pictures without a caption become samples with an empty one, instead of being left out.")
  private boolean uncaptioned;

  @Option(
      names = "--skip-animated",
      description = "Leave out files of several frames or pages, instead of taking the first.")
  private boolean skipAnimated;

  @Option(
      names = "--validation-share",
      paramLabel = "SHARE",
      defaultValue = "0.01",
      description = "Share of samples that are for validation, drawn by a hash of their keys.")
  private double validationShare;

  @Option(
      names = "--no-scaled-decoding",
      description = "Decode JPEG files in full size, even if a half, a quarter or an eighth is still twice what is wanted.")
  private boolean fullDecoding;

  @Option(
      names = "--max-file-size",
      paramLabel = "BYTES",
      defaultValue = "64MiB",
      description = "Picture files with more bytes are left out.")
  private String maxFileSize;

  @Option(
      names = "--max-pixels",
      paramLabel = "N",
      defaultValue = "100000000",
      description = "Pictures with more pixels are left out before they are decoded.")
  private long maxPixels;

  @Option(names = "--crop-seed", paramLabel = "N", defaultValue = "0", description = "Of random crops.")
  private long seed;

  /**
   * The samples of a source of picture files.
   *
   * @param spec of the command that was given
   */
  Source prepare(RawSource raw, CommandSpec spec) {
    return new CaptionedSource(raw, options(spec));
  }

  PreparationOptions options(CommandSpec spec) {
    PictureLimits limits = new PictureLimits(ByteSizes.parse(spec, "--max-file-size", maxFileSize), maxPixels);
    BucketTable buckets = new BucketTable(sizes(spec), new ArrayList<>(captionLengths));
    return new PreparationOptions(
        buckets, fit, cropPlace, minSize, uncaptioned, skipAnimated, validationShare, !fullDecoding, limits, seed);
  }

  private List<BucketTable.Size> sizes(CommandSpec spec) {
    if (base == null) {
      refuseWithout(spec, "--bucket-step", step);
      refuseWithout(spec, "--longest", longest);
      return Sizes.parse(spec, "--size", sizes == null ? List.of(DEFAULT_SIZE) : sizes);
    }
    if (sizes != null) {
      throw new ParameterException(spec.commandLine(), "option --size: expected this or --aspect-ratios, found both");
    }
    return BucketTable.aspectRatios(base, step == null ? 64 : step, longest == null ? 2 * base : longest);
  }

  private static void refuseWithout(CommandSpec spec, String option, Integer value) {
    if (value != null) {
      throw new ParameterException(spec.commandLine(), "option " + option + ": expected only with --aspect-ratios");
    }
  }
}
