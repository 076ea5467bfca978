package kiln.launcher.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import kiln.launcher.folder.Converter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kiln convert}. */
@Command(
    name = "convert",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Writes a model anew with its numbers in another type, rounded to nearest; a number that does not fit is refused.",
      "",
      "A folder becomes a folder: one component's, or a whole pipeline's with everything in it but other forms of the"
          + " weights and hidden files. A file, or the index of several, becomes a file if TO ends in .safetensors, else a"
          + " folder."
    })
final class ConvertCommand implements Runnable {
  @Parameters(index = "0", paramLabel = "FROM", description = "A folder of a model or component, a file, or an index.")
  private Path from;

  @Parameters(index = "1", paramLabel = "TO", description = "What to write; must not be there yet.")
  private Path to;

  @Mixin private WeightsMixin weights;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    Converter converter =
        new Converter(
            weights.requireDtype(),
            weights.maxShardBytes(),
            line -> {
              out.println(line);
              out.flush();
            });
    converter.convert(from, to);
    out.println("wrote " + to);
    out.flush();
  }
}
