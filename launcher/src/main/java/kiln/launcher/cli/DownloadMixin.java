package kiln.launcher.cli;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import kiln.data.download.DownloadOptions;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** How pictures are downloaded. */
final class DownloadMixin {
  private static final Duration SHORTEST = Duration.ofMillis(10);

  @Option(names = "--connections", paramLabel = "N", defaultValue = "64", description = "Requests at once.")
  private int connections;

  @Option(names = "--per-host", paramLabel = "N", defaultValue = "4", description = "Requests at once to one host.")
  private int perHost;

  @Option(
      names = "--host-delay",
      paramLabel = "TIME",
      defaultValue = "50ms",
      description = "At least between two requests to one host; a server's Retry-After counts as well.")
  private String hostDelay;

  @Option(
      names = "--host-failures",
      paramLabel = "N",
      defaultValue = "10",
      description = "After so many failures in a row to reach a host, its other URLs are not tried; 0 tries all.")
  private int hostFailures;

  @Option(names = "--timeout", paramLabel = "TIME", defaultValue = "2m", description = "Of a whole request.")
  private String timeout;

  @Option(
      names = "--retries",
      paramLabel = "N",
      defaultValue = "2",
      description = "Requests after the first, if a failure may pass (lost connections, timeouts, 408, 425, 429, 5xx).")
  private int retries;

  @Option(
      names = "--backoff",
      paramLabel = "TIME",
      defaultValue = "1s",
      description = "About the time before the second request; doubles with each.")
  private String backoff;

  @Option(
      names = "--longest-wait",
      paramLabel = "TIME",
      defaultValue = "2m",
      description = "A server whose Retry-After says more is not asked again for this URL.")
  private String longestWait;

  @Option(names = "--max-redirects", paramLabel = "N", defaultValue = "5", description = "Redirections that are followed.")
  private int maxRedirects;

  @Option(
      names = "--max-file-bytes", paramLabel = "BYTES", defaultValue = "64MiB", description = "Of one picture; more is a failure.")
  private String maxFileBytes;

  @Option(
      names = "--max-bytes",
      paramLabel = "BYTES",
      description = "Of all pictures in the folder: the run ends before there are more. No limit if not given.")
  private String maxBytes;

  @Option(
      names = "--checksum-column",
      paramLabel = "NAME",
      defaultValue = "sha256,md5",
      split = ",",
      description =
          "Columns with a checksum of the file, in hexadecimal digits (MD5, SHA-1 or SHA-256 by their number); the first that a"
              + " row has is compared.")
  private List<String> checksumColumns;

  @Option(
      names = "--retry-failed",
      paramLabel = "KIND",
      split = ",",
      description = "Try again what failed in an earlier run: kinds as the report has them, HTTP_5XX and the like, or all.")
  private List<String> retryFailed = List.of();

  @Option(
      names = "--allow-private",
      description = "Also ask loopback, private and reserved addresses, which a table from elsewhere should not name.")
  private boolean allowPrivate;

  @Option(
      names = "--ignore-noai",
      description = "Also take what its server forbids to use (X-Robots-Tag: noai, noimageai, noindex, noimageindex).")
  private boolean ignoreNoAi;

  @Option(names = "--user-agent", paramLabel = "TEXT", defaultValue = "kiln/0.1", description = "As servers are told.")
  private String userAgent;

  /**
   * @param input says how long a server may be silent, as for the tables
   */
  DownloadOptions options(CommandSpec spec, InputMixin input) {
    return new DownloadOptions(
        new DownloadOptions.Crowd(
            connections, perHost, TimeSpans.parse(spec, "--host-delay", hostDelay, Duration.ZERO), hostFailures),
        new DownloadOptions.Times(
            input.connectTimeout(spec),
            input.stallTimeout(spec),
            TimeSpans.parse(spec, "--timeout", timeout, SHORTEST)),
        new DownloadOptions.Retries(
            retries,
            TimeSpans.parse(spec, "--backoff", backoff, SHORTEST),
            TimeSpans.parse(spec, "--longest-wait", longestWait, Duration.ZERO)),
        new DownloadOptions.Limits(
            maxRedirects,
            ByteSizes.parse(spec, "--max-file-bytes", maxFileBytes),
            maxBytes == null ? Long.MAX_VALUE : ByteSizes.parse(spec, "--max-bytes", maxBytes)),
        new DownloadOptions.Trust(allowPrivate, ignoreNoAi, userAgent),
        checksumColumns,
        Set.copyOf(retryFailed));
  }
}
