package kiln.launcher.cli;

import java.nio.file.Path;
import java.util.List;
import kiln.data.folder.ImageFolderOptions;
import kiln.data.folder.ImageFolderSource;
import kiln.data.input.InputOptions;
import kiln.data.input.Inputs;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kiln data folder}. */
@Command(
    name = "folder",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false,
    description = {
      "Pictures of a folder and of those in it, in the order of their paths.",
      "",
      "Captions come from metadata.jsonl or metadata.csv, whose file_name is relative to it (Hugging Face's imagefolder), or from a"
          + " .txt file beside each picture. The other fields are kept as what is known of the picture."
    })
final class FolderCommand implements Runnable {
  @Parameters(paramLabel = "FOLDER", description = "Of .png, .jpg, .jpeg, .webp, .tif, .tiff, .bmp and .gif files.")
  private Path folder;

  @Mixin private BuildMixin build;

  @Option(
      names = "--caption-field",
      paramLabel = "NAME",
      defaultValue = "text,caption",
      split = ",",
      description = "Fields of the metadata that may hold the caption; the first that does is used.")
  private List<String> captionFields;

  @Mixin private PreparationMixin preparation;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    ImageFolderOptions options = new ImageFolderOptions(captionFields, preparation.options(spec).limits().fileBytes());
    try (Inputs inputs = new Inputs(InputOptions.standard())) {
      ImageFolderSource source = new ImageFolderSource(folder, options, inputs);
      build.build(preparation.prepare(source, spec), spec.commandLine().getOut());
    }
  }
}
