package kiln.launcher.cli;

import java.util.List;
import java.util.Optional;
import kiln.data.input.Inputs;
import kiln.data.jsonl.JsonLinesOptions;
import kiln.data.jsonl.JsonLinesSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kiln data jsonl}. */
@Command(
    name = "jsonl",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false,
    description = {
      "Pictures and captions by one JSON object per line.",
      "",
      "A line names a picture's file, relative to its own, or holds the picture in Base64. Paths that leave the folder are refused."
          + " The other fields are kept as what is known of the picture."
    })
final class JsonLinesCommand implements Runnable {
  @Parameters(
      paramLabel = "FILES",
      arity = "1..*",
      description =
          "Paths, folders of .jsonl, .ndjson or .jsonl.gz files, http(s)://… or s3://bucket/key; {000..699}, {a,b} and, in"
              + " paths, * stand for many.")
  private List<String> files;

  @Mixin private BuildMixin build;

  @Option(
      names = "--image-field",
      paramLabel = "NAME",
      defaultValue = "image,file_name,image_path,path",
      split = ",",
      description = "Fields that may name the picture's file, or be data:…;base64,…; the first that holds text is used.")
  private List<String> imageFields;

  @Option(
      names = "--base64-field",
      paramLabel = "NAME",
      defaultValue = "image_base64,base64",
      split = ",",
      description = "Fields that may hold the picture itself; they go before --image-field.")
  private List<String> base64Fields;

  @Option(
      names = "--caption-field",
      paramLabel = "NAME",
      defaultValue = "caption,text",
      split = ",",
      description = "Fields that may hold the caption, or a list of them whose first is taken.")
  private List<String> captionFields;

  @Option(
      names = "--key-field",
      paramLabel = "NAME",
      description = "Field that names each line; if not given, lines are named by file and number.")
  private String keyField;

  @Option(
      names = "--image-root",
      paramLabel = "DIR",
      description = "Where paths of pictures start, if not in the folder of their JSON lines; may be http(s)://… or s3://….")
  private String imageRoot;

  @Option(
      names = "--max-line",
      paramLabel = "BYTES",
      defaultValue = "128MiB",
      description = "Longer lines are left out, at most 1GiB.")
  private String maxLine;

  @Mixin private InputMixin input;

  @Mixin private PreparationMixin preparation;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    JsonLinesOptions options =
        new JsonLinesOptions(
            imageFields,
            base64Fields,
            captionFields,
            Optional.ofNullable(keyField),
            Optional.ofNullable(imageRoot),
            ByteSizes.parse(spec, "--max-line", maxLine),
            preparation.options(spec).limits().fileBytes());
    try (Inputs inputs = input.open(spec)) {
      JsonLinesSource source = new JsonLinesSource(files, options, inputs);
      build.build(preparation.prepare(source, spec), spec.commandLine().getOut());
    }
  }
}
