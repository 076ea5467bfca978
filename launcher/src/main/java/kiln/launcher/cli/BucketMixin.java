package kiln.launcher.cli;

import java.util.ArrayList;
import java.util.List;
import kiln.data.BucketTable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The buckets of a data set, as all sources take them on the command line. */
final class BucketMixin {
  @Option(
      names = "--size",
      paramLabel = "HxW",
      defaultValue = "32x32",
      split = ",",
      description =
          "Image sizes in pixels; of several, a picture goes to that of the nearest aspect ratio, and what is drawn to each"
              + " with equal chances.")
  private List<String> sizes;

  @Option(
      names = "--caption-length",
      paramLabel = "N",
      defaultValue = "64",
      split = ",",
      description = "Tokens (bytes and an end) of a caption; with several, each caption goes to the shortest that holds it.")
  private List<Integer> captionLengths;

  /**
   * @param spec of the command that was given
   */
  BucketTable table(CommandSpec spec) {
    return new BucketTable(Sizes.parse(spec, "--size", sizes), new ArrayList<>(captionLengths));
  }
}
