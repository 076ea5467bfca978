package kiln.data.input;

import java.time.Duration;

/**
 * How bytes are had from elsewhere.
 *
 * @param connectTimeout the longest wait for a connection
 * @param stallTimeout the longest wait for an answer, and for another byte of it
 */
public record InputOptions(RetryPolicy retries, Duration connectTimeout, Duration stallTimeout, S3Options s3) {
  public InputOptions {
    if (connectTimeout.toMillis() < 1 || stallTimeout.toMillis() < 1) {
      throw new IllegalArgumentException("timeouts of " + connectTimeout + " and " + stallTimeout);
    }
  }

  /** Six attempts, 10 s to connect, 60 s for another byte, Amazon's S3. */
  public static InputOptions standard() {
    return new InputOptions(
        RetryPolicy.ofAttempts(6), Duration.ofSeconds(10), Duration.ofSeconds(60), S3Options.standard());
  }
}
