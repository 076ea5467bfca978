package kiln.data.input;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kiln.bindings.UserException;
import software.amazon.awssdk.services.s3.S3Client;

/** Finds what a location means; holds the connections that its inputs share. */
public final class Inputs implements AutoCloseable {
  private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+)://.*", Pattern.DOTALL);
  private static final Pattern S3 = Pattern.compile("s3://([A-Za-z0-9][A-Za-z0-9._-]{1,62})/(.+)", Pattern.DOTALL);

  private final InputOptions options;
  private HttpClient http;
  private S3Client s3;

  public Inputs(InputOptions options) {
    this.options = options;
  }

  /** Whether a location is a path of this machine. */
  public static boolean isLocal(String location) {
    return !location.startsWith(PipeInput.PREFIX) && !SCHEME.matcher(location).matches();
  }

  /**
   * A path, {@code file:///path}, {@code pipe:command}, {@code http://…}, {@code https://…} or {@code s3://bucket/key}; all but
   * commands are {@link SeekableInput}s. Nothing is opened.
   *
   * @throws UserException if it is none of them, or there are no credentials for S3
   */
  public Input of(String location) {
    if (location.startsWith(PipeInput.PREFIX)) {
      return new PipeInput(location.substring(PipeInput.PREFIX.length()));
    }
    Matcher scheme = SCHEME.matcher(location);
    if (!scheme.matches()) {
      return new LocalInput(path(location));
    }
    return switch (scheme.group(1)) {
      case "http", "https" -> new RemoteInput(new HttpStore(http(), uri(location), options.stallTimeout()), options.retries());
      case "s3" -> s3(location);
      case "file" -> new LocalInput(path(filePath(location)));
      default ->
          throw new UserException(
              location + ": expected a path, pipe:COMMAND, http://…, https://… or s3://bucket/key, found " + scheme.group(1));
    };
  }

  private Input s3(String location) {
    Matcher object = S3.matcher(location);
    if (!object.matches()) {
      throw new UserException(location + ": expected s3://bucket/key");
    }
    return new RemoteInput(new S3Store(s3Client(), object.group(1), object.group(2)), options.retries());
  }

  private static Path path(String location) {
    try {
      return Path.of(location);
    } catch (InvalidPathException e) {
      throw new UserException("'" + location + "': is no path: " + e.getReason(), e);
    }
  }

  private static String filePath(String location) {
    URI uri = uri(location);
    if (uri.getPath() == null || uri.getPath().isEmpty() || (uri.getHost() != null && !uri.getHost().equals("localhost"))) {
      throw new UserException(location + ": expected file:///path");
    }
    return uri.getPath();
  }

  private static URI uri(String location) {
    try {
      URI uri = new URI(location);
      if (uri.getHost() == null && !"file".equals(uri.getScheme())) {
        throw new UserException(location + ": names no host");
      }
      return uri;
    } catch (URISyntaxException e) {
      throw new UserException(location + ": is no web address: " + e.getReason(), e);
    }
  }

  private synchronized HttpClient http() {
    if (http == null) {
      http =
          HttpClient.newBuilder()
              .connectTimeout(options.connectTimeout())
              .followRedirects(HttpClient.Redirect.NORMAL)
              .version(HttpClient.Version.HTTP_1_1) // a connection for each file; nothing is gained by sharing one
              .build();
    }
    return http;
  }

  private synchronized S3Client s3Client() {
    if (s3 == null) {
      s3 = S3Clients.open(options);
    }
    return s3;
  }

  /** Ends all connections, also those in use. */
  @Override
  public synchronized void close() {
    if (http != null) {
      http.shutdownNow();
    }
    if (s3 != null) {
      s3.close();
    }
  }
}
