package kiln.launcher.cli;

import java.util.List;
import java.util.OptionalLong;
import kiln.data.input.Inputs;
import kiln.data.webdataset.WebDatasetOptions;
import kiln.data.webdataset.WebDatasetSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kiln data webdataset}. */
@Command(
    name = "webdataset",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false,
    description = {
      "Pictures and captions from tar shards as webdataset writes them.",
      "",
      "Members that follow each other and share their name up to the first dot are one sample: .png, .jpg, .jpeg, .webp, .tif or"
          + " .tiff is the picture, .txt the caption; .json is kept as what is known of it, and holds the caption if there is no"
          + " .txt. Shards may be compressed by gzip, xz or bzip2."
    })
final class WebDatasetCommand implements Runnable {
  @Parameters(
      paramLabel = "SHARDS",
      arity = "1..*",
      description =
          "Paths, folders of .tar files, http(s)://…, s3://bucket/key or \"pipe:COMMAND\"; {000..699}, {a,b} and, in paths, *"
              + " stand for many. Braces inside a command are expanded too, unless a \\ is before them.")
  private List<String> shards;

  @Mixin private BuildMixin build;

  @Option(
      names = "--caption-field",
      paramLabel = "NAME",
      defaultValue = "caption,text",
      split = ",",
      description = "Fields of .json that may hold the caption; the first that does is used.")
  private List<String> captionFields;

  @Option(
      names = "--shuffle-shards",
      paramLabel = "SEED",
      description = "Read the shards in an order drawn from this number; as they are given if not given.")
  private Long shuffleSeed;

  @Option(
      names = "--shards-at-once",
      paramLabel = "N",
      defaultValue = "2",
      description = "Shards that are read at the same time; changes nothing but the speed.")
  private int shardsAtOnce;

  @Mixin private InputMixin input;

  @Mixin private PreparationMixin preparation;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    WebDatasetOptions options =
        new WebDatasetOptions(
            captionFields,
            preparation.options(spec).limits().fileBytes(),
            shuffleSeed == null ? OptionalLong.empty() : OptionalLong.of(shuffleSeed),
            shardsAtOnce);
    try (Inputs inputs = input.open(spec)) {
      WebDatasetSource source = new WebDatasetSource(shards, options, inputs);
      build.build(preparation.prepare(source, spec), spec.commandLine().getOut());
    }
  }
}
