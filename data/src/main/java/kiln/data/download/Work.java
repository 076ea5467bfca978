package kiln.data.download;

import java.util.Optional;

/** The download of one target, over all its requests; these follow one another. */
final class Work {
  private final Target target;
  private final byte[] key;
  private long started;
  private int attempts;
  private Failure failure;

  Work(Target target, byte[] key) {
    this.target = target;
    this.key = key;
  }

  Target target() {
    return target;
  }

  byte[] key() {
    return key;
  }

  /** Called before each request. */
  synchronized void begin(boolean redirected) {
    if (started == 0) {
      started = System.nanoTime();
    }
    if (!redirected) {
      attempts++;
    }
  }

  synchronized void failed(Failure last) {
    failure = last;
  }

  /** Of the last request, if there was one. */
  synchronized Optional<Failure> failure() {
    return Optional.ofNullable(failure);
  }

  private synchronized double seconds() {
    return started == 0 ? 0 : Math.round((System.nanoTime() - started) * 1e-6) * 1e-3;
  }

  private synchronized int attempts() {
    return attempts;
  }

  LogLine line(Response.Stored stored) {
    return line(LogLine.OK, stored.http(), stored.bytes(), stored.sha256(), stored.file(), null);
  }

  LogLine line(Failure failure) {
    Integer http = failure.http() == 0 ? null : failure.http();
    return line(failure.kind(), http, 0, null, null, failure.detail());
  }

  private LogLine line(String status, Integer http, long bytes, String sha256, String file, String detail) {
    String checksum = target.checksum().map(Checksum::hex).orElse(null);
    return new LogLine(target.url(), checksum, status, http, bytes, seconds(), attempts(), sha256, file, detail);
  }
}
