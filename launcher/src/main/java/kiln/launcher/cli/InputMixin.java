package kiln.launcher.cli;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Optional;
import kiln.data.input.InputOptions;
import kiln.data.input.Inputs;
import kiln.data.input.RetryPolicy;
import kiln.data.input.S3Options;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** How bytes are had from elsewhere, as all sources that are read from locations take it on the command line. */
final class InputMixin {
  @Option(
      names = "--io-attempts",
      paramLabel = "N",
      defaultValue = "6",
      description = "Attempts to go on, without a byte in between, before a server's file is given up.")
  private int attempts;

  @Option(
      names = "--connect-timeout",
      paramLabel = "TIME",
      defaultValue = "10s",
      description = "Longest wait for a connection.")
  private String connectTimeout;

  @Option(
      names = "--stall-timeout",
      paramLabel = "TIME",
      defaultValue = "60s",
      description = "Longest wait for an answer, and for another byte of it.")
  private String stallTimeout;

  @Option(
      names = "--s3-endpoint",
      paramLabel = "URL",
      description = "S3-compatible service that s3://bucket/key means, asked with the bucket in the path; Amazon's if not given.")
  private String endpoint;

  @Option(
      names = "--s3-region",
      paramLabel = "NAME",
      description = "If not given, that of the environment or the AWS configuration; with --s3-endpoint, us-east-1.")
  private String region;

  @Option(names = "--s3-anonymous", description = "Do not sign requests to S3, for public buckets.")
  private boolean anonymous;

  /**
   * What finds inputs by their locations; to be closed when all are read.
   *
   * @param spec of the command that was given
   */
  Inputs open(CommandSpec spec) {
    S3Options s3 = new S3Options(Optional.ofNullable(endpoint).map(text -> uri(spec, text)), Optional.ofNullable(region), anonymous);
    return new Inputs(
        new InputOptions(RetryPolicy.ofAttempts(attempts), connectTimeout(spec), stallTimeout(spec), s3));
  }

  Duration connectTimeout(CommandSpec spec) {
    return TimeSpans.parse(spec, "--connect-timeout", connectTimeout, Duration.ofMillis(1));
  }

  Duration stallTimeout(CommandSpec spec) {
    return TimeSpans.parse(spec, "--stall-timeout", stallTimeout, Duration.ofMillis(1));
  }

  private static URI uri(CommandSpec spec, String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw new ParameterException(
          spec.commandLine(), "option --s3-endpoint: expected an address as in http://host:9000, found " + text);
    }
  }
}
