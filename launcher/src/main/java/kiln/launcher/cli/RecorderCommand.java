package kiln.launcher.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import kiln.bindings.UserException;
import kiln.collectives.record.FlightRecording;
import kiln.launcher.checkpoint.RunFolder;
import kiln.launcher.control.RecorderFiles;
import kiln.launcher.control.RecordingText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kiln recorder}. */
@Command(
    name = "recorder",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = {
      "Shows the last collectives of each rank of a run: which, how large, when issued, begun and ended.",
      "Ranks keep them in the run's folder while they run; they are there also after a rank was killed."
    })
final class RecorderCommand implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "PATH", description = "A run's folder, or the file of one rank in its recorder/.")
  private List<Path> paths;

  @Option(names = "--last", paramLabel = "N", defaultValue = "20", description = "The newest so many of each rank; 1000 are kept.")
  private int last;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (last < 1) {
      throw new ParameterException(spec.commandLine(), "option --last: expected at least 1, found " + last);
    }
    PrintWriter out = spec.commandLine().getOut();
    for (Path file : files()) {
      RecordingText.lines(FlightRecording.read(file), last).forEach(out::println);
    }
    out.flush();
    return 0;
  }

  private List<Path> files() {
    List<Path> files = new ArrayList<>();
    for (Path path : paths) {
      if (Files.isRegularFile(path)) {
        files.add(path);
        continue;
      }
      List<Path> rings = RecorderFiles.rings(new RunFolder(path).recorders());
      if (rings.isEmpty()) {
        throw new UserException(path + ": expected a run whose ranks have recorded something, or one of their files");
      }
      files.addAll(rings);
    }
    return files;
  }
}
