package kiln.data.download;

import java.util.OptionalLong;

/**
 * How far a download is.
 *
 * @param done rows of the tables of which it is known what became of them, in this run or before
 * @param total rows of the tables, if that is known
 * @param stored pictures of this run
 * @param failed URLs of this run that gave none
 * @param bytes of this run's pictures
 * @param seconds since the start
 */
public record DownloadProgress(long done, OptionalLong total, long stored, long failed, long bytes, double seconds) {
  /** Told about it several times a second, by the thread that has called the downloader. */
  @FunctionalInterface
  public interface Listener {
    void progress(DownloadProgress progress);
  }
}
