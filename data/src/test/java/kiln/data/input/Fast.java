package kiln.data.input;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.function.Executable;

/** Options that lose no time, and what tests of inputs share. */
final class Fast {
  static final int ATTEMPTS = 3;

  private Fast() {}

  static InputOptions options() {
    return options(Duration.ofSeconds(30), S3Options.standard());
  }

  /** For servers that stall. */
  static InputOptions impatient() {
    return options(Duration.ofMillis(300), S3Options.standard());
  }

  static InputOptions s3(URI endpoint) {
    return options(Duration.ofSeconds(30), new S3Options(Optional.of(endpoint), Optional.empty(), false));
  }

  private static InputOptions options(Duration stall, S3Options s3) {
    RetryPolicy retries = new RetryPolicy(ATTEMPTS, Duration.ofMillis(1), Duration.ofMillis(5));
    return new InputOptions(retries, Duration.ofSeconds(30), stall, s3);
  }

  static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    new Random(count).nextBytes(bytes);
    return bytes;
  }

  static InputException assertFails(String reason, Executable reading, String... parts) {
    InputException failure = assertThrows(InputException.class, reading);
    assertEquals(reason, failure.reason(), failure.getMessage());
    assertEquals(1, failure.getMessage().lines().count(), failure.getMessage());
    for (String part : parts) {
      assertTrue(failure.getMessage().contains(part), () -> "expected '" + part + "' in: " + failure.getMessage());
    }
    return failure;
  }
}
