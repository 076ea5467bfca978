package kiln.launcher.telemetry;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import kiln.bindings.UserException;
import kiln.launcher.preset.PresetJson;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationFeature;

/**
 * metrics.jsonl: one JSON object a line, one line a step. A resumed run goes on where its checkpoint was made. Lines are kept in
 * the file only, so that a long run takes no more memory than a short one.
 */
public final class MetricsLog implements AutoCloseable {
  private static final ObjectWriter JSON =
      PresetJson.MAPPER.writer().without(SerializationFeature.INDENT_OUTPUT);

  private final Path file;
  private Writer writer;

  private MetricsLog(Path file, Writer writer) {
    this.file = file;
    this.writer = writer;
  }

  /**
   * Opens the log of a run, without the lines of steps after {@code step}: 0 for a new run.
   *
   * @throws UserException if the file cannot be written
   */
  public static MetricsLog open(Path file, long step) {
    try {
      List<StepMetrics> kept = new ArrayList<>();
      if (Files.exists(file) && step > 0) {
        read(file).stream().filter(metrics -> metrics.step() <= step).forEach(kept::add);
      }
      return new MetricsLog(file, rewrite(file, kept));
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  /** Makes these lines all that the file has, and opens it to append more. */
  private static Writer rewrite(Path file, List<StepMetrics> lines) throws IOException {
    StringBuilder text = new StringBuilder();
    lines.forEach(metrics -> text.append(JSON.writeValueAsString(metrics)).append('\n'));
    Path aside = file.resolveSibling(file.getFileName() + ".tmp");
    Files.writeString(aside, text);
    Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return Files.newBufferedWriter(file, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
  }

  /** All whole lines of a log; a line that was cut short by a crash ends it. */
  public static List<StepMetrics> read(Path file) throws IOException {
    List<StepMetrics> metrics = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      try {
        metrics.add(PresetJson.MAPPER.readValue(line, StepMetrics.class));
      } catch (JacksonException e) {
        break;
      }
    }
    return metrics;
  }

  /**
   * Appends a line; it is in the file when this returns.
   *
   * @throws UserException if the file cannot be written
   */
  public void append(StepMetrics metrics) {
    try {
      writer.write(JSON.writeValueAsString(metrics) + "\n");
      writer.flush();
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  /**
   * Puts a line in the place of the last one.
   *
   * @throws UserException if the file cannot be written
   */
  public void replaceLast(StepMetrics metrics) {
    try {
      List<StepMetrics> lines = read(file);
      lines.set(lines.size() - 1, metrics);
      writer.close();
      writer = rewrite(file, lines);
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  /**
   * All lines so far, those before a resumption included, read from the file.
   *
   * @throws UserException if it cannot be read
   */
  public List<StepMetrics> steps() {
    try {
      return read(file);
    } catch (IOException e) {
      throw new UserException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  @Override
  public void close() {
    try {
      writer.close();
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  private static UserException failure(Path file, IOException cause) {
    return new UserException(file + ": cannot be written (" + cause.getMessage() + ")", cause);
  }
}
