package kiln.data.download;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * What a table says of a picture's content.
 *
 * @param algorithm by Java's name
 * @param hex in lower case
 */
record Checksum(String algorithm, String hex) {
  private static final Pattern HEX = Pattern.compile("[0-9a-f]+");

  /** The first of these columns that holds one. */
  static Optional<Checksum> of(JsonNode extra, List<String> columns) {
    for (String column : columns) {
      JsonNode value = extra.path(column);
      Optional<Checksum> found = value.isString() ? of(value.asString()) : Optional.empty();
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static Optional<Checksum> of(String text) {
    String hex = text.strip().toLowerCase(Locale.ROOT);
    if (!HEX.matcher(hex).matches()) {
      return Optional.empty();
    }
    return switch (hex.length()) {
      case 32 -> Optional.of(new Checksum("MD5", hex));
      case 40 -> Optional.of(new Checksum("SHA-1", hex));
      case 64 -> Optional.of(new Checksum("SHA-256", hex));
      default -> Optional.empty();
    };
  }

  MessageDigest digest() {
    return digest(algorithm);
  }

  /** Of those that every Java has. */
  static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }
}
