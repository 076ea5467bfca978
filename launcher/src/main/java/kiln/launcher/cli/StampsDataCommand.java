package kiln.launcher.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kiln.data.stamps.StampsOptions;
import kiln.data.stamps.StampsSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kiln data stamps}. */
@Command(
    name = "stamps",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false,
    description = {
      "952 drawings and photographs with captions in up to 77 languages, of the Debian package tuxpaint-stamps-default.",
      "",
      "The package (160 MB) is fetched with apt-get download and unpacked into a cache; if it is installed, that is used."
    })
final class StampsDataCommand implements Runnable {
  @Mixin private BuildMixin build;

  @Option(
      names = "--stamps",
      paramLabel = "DIR",
      description = "Folder of stamps to read instead of the package: pictures with a .txt of captions beside each.")
  private Path stamps;

  @Mixin private BucketMixin buckets;

  @Option(
      names = "--captions-per-image",
      paramLabel = "N",
      defaultValue = "4",
      description = "Training samples of each picture, each with a caption drawn by the languages' weights.")
  private int captionsPerImage;

  @Option(
      names = "--validation-per-image",
      paramLabel = "N",
      defaultValue = "1",
      description = "Validation samples of each picture, with captions in languages that are held out.")
  private int validationPerImage;

  @Option(
      names = "--language-weight",
      paramLabel = "CODE=WEIGHT",
      defaultValue = "en=20",
      split = ",",
      description = "How often a language is drawn; 1 for those not named.")
  private Map<String, Double> weights = new LinkedHashMap<>();

  @Option(
      names = "--holdout-languages",
      paramLabel = "CODE",
      defaultValue = "de,el,ja,sv",
      split = ",",
      description = "Languages that only validation uses.")
  private List<String> holdoutLanguages;

  @Option(names = "--seed", paramLabel = "N", defaultValue = "0", description = "Of all that is random.")
  private long seed;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    StampsOptions options =
        new StampsOptions(buckets.table(spec), captionsPerImage, validationPerImage, seed, weights, holdoutLanguages);
    StampsSource source =
        stamps == null ? StampsSource.ofDebian(options, System.err::println) : new StampsSource(options, stamps);
    build.build(source, spec.commandLine().getOut());
  }
}
