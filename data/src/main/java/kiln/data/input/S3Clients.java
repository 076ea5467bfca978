package kiln.data.input;

import java.net.URI;
import java.util.Optional;
import kiln.bindings.UserException;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** Makes the AWS SDK's client. */
final class S3Clients {
  private static final String DEFAULT_REGION = "us-east-1";

  private S3Clients() {}

  /**
   * One that tries nothing again by itself; whoever reads does.
   *
   * @throws UserException if there are no credentials or no region
   */
  static S3Client open(InputOptions options) {
    S3Options s3 = options.s3();
    S3ClientBuilder builder =
        S3Client.builder()
            .credentialsProvider(credentials(s3.anonymous()))
            .crossRegionAccessEnabled(s3.endpoint().isEmpty())
            .overrideConfiguration(configuration -> configuration.retryStrategy(AwsRetryStrategy.doNotRetry()))
            .httpClientBuilder(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(options.connectTimeout())
                    .socketTimeout(options.stallTimeout()));
    Optional<String> region = s3.region();
    if (s3.endpoint().isPresent()) {
      URI endpoint = s3.endpoint().get();
      builder.endpointOverride(endpoint).forcePathStyle(true);
      region = region.or(() -> Optional.of(DEFAULT_REGION));
    }
    region.map(Region::of).ifPresent(builder::region);
    try {
      return builder.build();
    } catch (SdkClientException e) {
      throw new UserException("--s3-region: " + Failures.text(e), e);
    }
  }

  private static AwsCredentialsProvider credentials(boolean anonymous) {
    if (anonymous) {
      return AnonymousCredentialsProvider.create();
    }
    AwsCredentialsProvider provider = DefaultCredentialsProvider.builder().build();
    try {
      provider.resolveCredentials();
    } catch (SdkClientException e) {
      throw new UserException(
          "s3: no credentials in the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), in ~/.aws or of this machine; for"
              + " public buckets give --s3-anonymous",
          e);
    }
    return provider;
  }
}
