package kiln.data.download;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.JavaCommand;
import kiln.bindings.UserException;

/** A download in a process of its own, to be killed or hindered. */
final class DownloadProcess {
  private DownloadProcess() {}

  /** Arguments: the list, the folder. */
  public static void main(String[] arguments) {
    try {
      Downloads.run(Downloads.list(Path.of(arguments[0])), Path.of(arguments[1]), Downloads.options());
    } catch (UserException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  /**
   * @param before what the JVM is an argument of
   * @param errors takes what it says
   */
  static Process start(List<String> before, Path list, Path out, File errors) throws IOException {
    List<String> command = new ArrayList<>(before);
    List<String> options = List.of("-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData");
    command.addAll(JavaCommand.of(DownloadProcess.class, options, List.of(list.toString(), out.toString())));
    return new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(errors).start();
  }
}
