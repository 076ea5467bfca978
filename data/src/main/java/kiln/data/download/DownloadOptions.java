package kiln.data.download;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import kiln.bindings.UserException;

/**
 * How pictures are downloaded.
 *
 * @param checksumColumns columns of the table that hold a checksum of the picture's file in hexadecimal digits, the best one first;
 *     32 digits are MD5's, 40 SHA-1's, 64 SHA-256's
 * @param retryFailed kinds of failures of an earlier run that are tried again, as {@code downloads.jsonl} has them; {@link #ALL} is
 *     every kind
 */
public record DownloadOptions(
    Crowd crowd, Times times, Retries retries, Limits limits, Trust trust, List<String> checksumColumns, Set<String> retryFailed) {
  public static final String ALL = "all";

  /**
   * How many requests there are at once.
   *
   * @param perHost at once to one host
   * @param hostDelay at least between the starts of two requests to one host
   * @param hostFailures after so many failures in a row to reach a host, its other URLs are not tried; 0 to try all
   */
  public record Crowd(int connections, int perHost, Duration hostDelay, int hostFailures) {
    public Crowd {
      check("--connections", connections, 1, 4096);
      check("--per-host", perHost, 1, 4096);
      check("--host-failures", hostFailures, 0, Integer.MAX_VALUE);
    }
  }

  /**
   * How long a request may take.
   *
   * @param connect until the host answers at all
   * @param stall without any byte
   * @param total until the last byte
   */
  public record Times(Duration connect, Duration stall, Duration total) {}

  /**
   * What follows a failure that may pass.
   *
   * @param count requests after the first
   * @param backoff before the second request, about; doubles each time
   * @param longestWait a server that asks for a longer time is not asked again
   */
  public record Retries(int count, Duration backoff, Duration longestWait) {
    public Retries {
      check("--retries", count, 0, 100);
    }
  }

  /**
   * @param redirects that are followed
   * @param fileBytes of one picture
   * @param totalBytes of all pictures in the folder
   */
  public record Limits(int redirects, long fileBytes, long totalBytes) {
    public Limits {
      check("--max-redirects", redirects, 0, 50);
      check("--max-file-bytes", fileBytes, 1, Long.MAX_VALUE);
      check("--max-bytes", totalBytes, 1, Long.MAX_VALUE);
    }
  }

  /**
   * @param allowPrivate whether loopback, private and reserved addresses are asked as well
   * @param ignoreNoAi whether pictures are taken although their server's X-Robots-Tag forbids it
   * @param userAgent as servers are told
   */
  public record Trust(boolean allowPrivate, boolean ignoreNoAi, String userAgent) {
    public Trust {
      if (!userAgent.matches("[\\x21-\\x7e][\\x20-\\x7e]*")) {
        throw new UserException("--user-agent: expected printable ASCII characters, the first one no space");
      }
    }
  }

  public DownloadOptions {
    checksumColumns = List.copyOf(checksumColumns);
    retryFailed = Set.copyOf(retryFailed);
    retryFailed.forEach(DownloadOptions::checkKind);
  }

  /** 64 connections, 4 a host, 20 requests a second a host, two retries, 64 MiB a picture. */
  public static DownloadOptions defaults() {
    return new DownloadOptions(
        new Crowd(64, 4, Duration.ofMillis(50), 10),
        new Times(Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofMinutes(2)),
        new Retries(2, Duration.ofSeconds(1), Duration.ofMinutes(2)),
        new Limits(5, 64L << 20, Long.MAX_VALUE),
        new Trust(false, false, "kiln/0.1"),
        List.of("sha256", "md5"),
        Set.of());
  }

  /** Whether an earlier failure of this kind is tried again. */
  boolean retries(String kind) {
    return retryFailed.contains(ALL)
        || retryFailed.contains(kind)
        || (kind.matches("HTTP_\\d{3}") && retryFailed.contains(kind.substring(0, 6) + "XX"));
  }

  private static void checkKind(String kind) {
    boolean known = kind.equals(ALL) || kind.matches("HTTP_[3-5]\\d\\d");
    for (Reason reason : Reason.values()) {
      known |= reason.name().equals(kind);
    }
    if (!known) {
      throw new UserException(
          "--retry-failed " + kind + ": expected " + ALL + ", HTTP_404 and the like, or of " + List.of(Reason.values()));
    }
  }

  private static void check(String option, long found, long least, long most) {
    if (found < least || found > most) {
      String expected = most >= Integer.MAX_VALUE ? "at least " + least : least + " to " + most;
      throw new UserException(option + " " + found + ": expected " + expected);
    }
  }
}
