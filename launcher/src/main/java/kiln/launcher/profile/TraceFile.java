package kiln.launcher.profile;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kiln.bindings.UserException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A trace of all ranks in one JSON file, as Chrome ({@code about:tracing}) and Perfetto (ui.perfetto.dev) read it: every rank
 * writes a part beside it, an event per line, and one of them joins the parts.
 *
 * <p>All ranks of a machine share the clock of {@link System#nanoTime}.
 */
public final class TraceFile {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path file;

  public TraceFile(Path file) {
    this.file = file.toAbsolutePath();
  }

  private Path part(int rank) {
    return file.resolveSibling("." + file.getFileName() + ".rank" + rank);
  }

  /**
   * @throws UserException if the part cannot be written
   */
  void writePart(int rank, List<TraceEvent> events) {
    try (BufferedWriter out = Files.newBufferedWriter(part(rank))) {
      line(out, name("process_name", rank, 0, "rank " + rank));
      line(out, name("thread_name", rank, TraceEvent.COMPUTE, "step"));
      line(out, name("thread_name", rank, TraceEvent.BACKGROUND, "collectives"));
      for (TraceEvent event : events) {
        line(out, JSON.writeValueAsString(event));
      }
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  private static String name(String what, int rank, int thread, String name) {
    return JSON.writeValueAsString(Map.of("name", what, "ph", "M", "pid", rank, "tid", thread, "args", Map.of("name", name)));
  }

  private static void line(Writer out, String text) throws IOException {
    out.write(text);
    out.write('\n');
  }

  /**
   * Makes one file of the parts of all ranks.
   *
   * @throws UserException if it cannot be written
   */
  void join(int numRanks) {
    Path whole = file.resolveSibling("." + file.getFileName() + ".joined");
    try {
      try (BufferedWriter out = Files.newBufferedWriter(whole)) {
        out.write("{\"displayTimeUnit\": \"ms\", \"traceEvents\": [\n");
        String separator = "";
        for (int rank = 0; rank < numRanks; rank++) {
          try (Stream<String> lines = Files.lines(part(rank), StandardCharsets.UTF_8)) {
            for (String line : (Iterable<String>) lines::iterator) {
              out.write(separator + line);
              separator = ",\n";
            }
          }
        }
        out.write("\n]}\n");
      }
      Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw cannotWrite(e);
    } finally {
      delete(whole);
    }
  }

  private UserException cannotWrite(IOException e) {
    return new UserException("option --profile: " + file + ": cannot be written (" + e.getMessage() + ")", e);
  }

  /** Removes what is left of the parts. */
  public void deleteParts(int numRanks) {
    for (int rank = 0; rank < numRanks; rank++) {
      delete(part(rank));
    }
  }

  private static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // Only a file too many, beside one that has been written or an error that has been told.
      return;
    }
  }
}
