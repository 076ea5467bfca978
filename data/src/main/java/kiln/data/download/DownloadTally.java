package kiln.data.download;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import kiln.data.url.UrlSource;

/** Counts what a run has done so far. */
final class DownloadTally {
  private final long start = System.nanoTime();
  private final OptionalLong expected;
  private long told = start;
  private long fed;
  private long known;
  private long stored;
  private long failed;
  private long bytes;
  private boolean complete;

  DownloadTally(List<UrlSource> tables) {
    OptionalLong sum = OptionalLong.of(0);
    for (UrlSource table : tables) {
      OptionalLong count = table.count();
      sum = sum.isPresent() && count.isPresent() ? OptionalLong.of(sum.getAsLong() + count.getAsLong()) : OptionalLong.empty();
    }
    expected = sum;
  }

  /** A row for which there is nothing to do. */
  synchronized void known() {
    known++;
  }

  synchronized void finished(LogLine line) {
    if (line.ok()) {
      stored++;
      bytes += line.bytes();
    } else {
      failed++;
    }
  }

  /** All rows have been looked at: now their number is known. */
  synchronized void all() {
    complete = true;
  }

  /** A row has a download of its own. */
  synchronized void fed() {
    fed++;
  }

  synchronized DownloadProgress progress() {
    OptionalLong total = complete ? OptionalLong.of(known + fed) : expected;
    return new DownloadProgress(known + stored + failed, total, stored, failed, bytes, seconds());
  }

  /** Tells the listener, unless it was told a moment ago. */
  void tell(DownloadProgress.Listener listener, Duration every) {
    long now = System.nanoTime();
    if (now - told > every.toNanos()) {
      told = now;
      listener.progress(progress());
    }
  }

  synchronized DownloadReport.Run run() {
    return DownloadReport.Run.of(stored, failed, bytes, seconds());
  }

  private double seconds() {
    return (System.nanoTime() - start) * 1e-9;
  }
}
