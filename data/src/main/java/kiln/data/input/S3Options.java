package kiln.data.input;

import java.net.URI;
import java.util.Optional;
import kiln.bindings.UserException;

/**
 * Which S3 is meant by {@code s3://bucket/key}.
 *
 * @param endpoint of a service other than Amazon's, asked with the bucket in the path
 * @param region if not given, that of the environment or the AWS configuration; with an endpoint, {@code us-east-1}
 * @param anonymous whether requests are not signed, for public buckets
 */
public record S3Options(Optional<URI> endpoint, Optional<String> region, boolean anonymous) {
  public S3Options {
    endpoint.ifPresent(
        uri -> {
          boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
          if (!web || uri.getHost() == null) {
            throw new UserException("--s3-endpoint: expected an address as in http://host:9000, found " + uri);
          }
        });
  }

  /** Amazon's, with what the environment says. */
  public static S3Options standard() {
    return new S3Options(Optional.empty(), Optional.empty(), false);
  }
}
