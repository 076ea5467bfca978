package kiln.data.download;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import kiln.data.url.UrlRow;
import tools.jackson.databind.JsonNode;

/** What a row of a table asks for; rows that ask for the same have one download. */
record Target(String url, Optional<Checksum> checksum) {
  static Target of(UrlRow row, JsonNode extra, List<String> checksumColumns) {
    return new Target(row.url(), Checksum.of(extra, checksumColumns));
  }

  /** Of all that is asked for; 128 bits, so that no two are taken for each other. */
  byte[] key() {
    return key(url, checksum.map(Checksum::hex).orElse(""));
  }

  /**
   * @param checksum in hexadecimal digits, or empty
   */
  static byte[] key(String url, String checksum) {
    MessageDigest digest = Checksum.digest("SHA-256");
    digest.update(url.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
    digest.update(checksum.getBytes(StandardCharsets.US_ASCII));
    return digest.digest();
  }
}
