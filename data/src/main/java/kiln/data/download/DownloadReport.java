package kiln.data.download;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import kiln.data.queue.Manifest;

/**
 * What a folder holds of its tables, and what this run has done for it.
 *
 * @param stopped why the run ended before the end of the tables; null if it did not
 * @param unreadableLines of the log, spoilt by a crash of the machine; their URLs were requested again
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DownloadReport(Tables tables, Run run, String stopped, long unreadableLines) {
  /**
   * Rows of the tables.
   *
   * @param rows that name a URL and are not left out
   * @param ok that have a picture
   * @param pictures different ones
   * @param bytes of these
   * @param failures by kind, the most frequent first
   * @param open that have not been tried yet, or were under way when the run was stopped
   * @param leftOut by reason
   */
  public record Tables(
      long rows,
      long ok,
      long pictures,
      long bytes,
      Map<String, Failures> failures,
      long open,
      List<Manifest.Skipped> leftOut) {}

  /**
   * Rows with one kind of failure.
   *
   * @param example URL and detail of the first
   */
  public record Failures(long rows, String example) {}

  /**
   * URLs that this run has brought to an end.
   *
   * @param stored that gave a picture
   * @param failed that gave none
   * @param bytes of these pictures
   */
  public record Run(long stored, long failed, long bytes, double seconds, double imagesPerSecond) {
    static Run of(long stored, long failed, long bytes, double seconds) {
      return new Run(stored, failed, bytes, seconds, seconds > 0 ? stored / seconds : 0);
    }
  }
}
