package kiln.launcher.cli;

import java.util.List;
import java.util.Optional;
import kiln.data.input.Inputs;
import kiln.data.parquet.ParquetOptions;
import kiln.data.parquet.ParquetSource;
import kiln.data.parquet.TableFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kiln data parquet}. */
@Command(
    name = "parquet",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false,
    description = {
      "Pictures and captions inside Parquet files, such as Hugging Face's.",
      "",
      "Names of columns inside groups have dots, as in image.bytes. Pages may be compressed by snappy, gzip, zstd or lz4_raw."
    })
final class ParquetCommand implements Runnable {
  @Parameters(
      paramLabel = "FILES",
      arity = "1..*",
      description =
          "Paths, folders of .parquet files, http(s)://… or s3://bucket/key; {000..699}, {a,b} and, in paths, * stand for many.")
  private List<String> files;

  @Mixin private BuildMixin build;

  @Option(
      names = "--image-column",
      paramLabel = "NAME",
      defaultValue = "image,img,jpg,png,webp",
      split = ",",
      description =
          "Columns that may hold the picture's file, or a group with its bytes; of these the first that there is.")
  private List<String> imageColumns;

  @Option(
      names = "--caption-column",
      paramLabel = "NAME",
      defaultValue = "caption,text,TEXT",
      split = ",",
      description = "Columns that may hold the caption, or a list of them whose first is taken; none for no captions.")
  private List<String> captionColumns;

  @Option(
      names = "--key-column",
      paramLabel = "NAME",
      description = "Column that names each row; if not given, rows are named by file and number.")
  private String keyColumn;

  @Option(
      names = "--truth-columns",
      paramLabel = "NAME",
      defaultValue = "all",
      split = ",",
      description = "Other columns to keep as what is known of the picture: names, all, or none.")
  private List<String> truthColumns;

  @Mixin private InputMixin input;

  @Mixin private PreparationMixin preparation;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    ParquetOptions options =
        new ParquetOptions(
            imageColumns,
            noneIsEmpty(captionColumns),
            Optional.ofNullable(keyColumn),
            noneIsEmpty(truthColumns),
            preparation.options(spec).limits().fileBytes());
    try (Inputs inputs = input.open(spec)) {
      ParquetSource source = new ParquetSource(TableFiles.of(files, inputs), options);
      build.build(preparation.prepare(source, spec), spec.commandLine().getOut());
    }
  }

  private static List<String> noneIsEmpty(List<String> names) {
    return names.equals(List.of("none")) ? List.of() : names;
  }
}
