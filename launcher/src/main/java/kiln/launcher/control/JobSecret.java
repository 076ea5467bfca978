package kiln.launcher.control;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import kiln.bindings.UserException;

/** What only the ranks of one job know. It never travels: each side shows that it has it, by HMAC-SHA-256 (RFC 2104). */
public final class JobSecret {
  /** Of a new one, and the least of one that is given. */
  private static final int BYTES = 32;

  private static final String ALGORITHM = "HmacSHA256";
  private static final Set<PosixFilePermission> MINE = PosixFilePermissions.fromString("rw-------");

  private final byte[] bytes;

  private JobSecret(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A new one. */
  public static JobSecret create() {
    return new JobSecret(random(BYTES));
  }

  /** Bytes that nobody can foresee. */
  static byte[] random(int count) {
    byte[] bytes = new byte[count];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  /**
   * @param where for the error
   * @param text what {@link #text} gives: hexadecimal, 32 bytes or more
   * @throws UserException if it is not; the text is not repeated
   */
  public static JobSecret parse(String where, String text) {
    String trimmed = text.strip();
    try {
      byte[] bytes = HexFormat.of().parseHex(trimmed);
      if (bytes.length >= BYTES) {
        return new JobSecret(bytes);
      }
    } catch (IllegalArgumentException e) {
      throw notHexadecimal(where, trimmed);
    }
    throw notHexadecimal(where, trimmed);
  }

  private static UserException notHexadecimal(String where, String text) {
    String expected = "a secret of at least " + 2 * BYTES + " hexadecimal digits";
    return new UserException(where + ": expected " + expected + ", found " + text.length() + " characters");
  }

  /** To be handed to another rank of the job, and to nobody else. */
  public String text() {
    return HexFormat.of().formatHex(bytes);
  }

  /** Writes it to a new file that only this user can read. */
  public void write(Path file) {
    try {
      Files.createFile(file, PosixFilePermissions.asFileAttribute(MINE));
      Files.writeString(file, text() + "\n", StandardCharsets.US_ASCII, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @throws UserException if there is none, or if others than its owner may read or write it
   */
  public static JobSecret read(Path file) {
    try {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
      if (!MINE.containsAll(permissions)) {
        String found = PosixFilePermissions.toString(permissions);
        throw new UserException(file + ": expected a secret that only its owner can read and write, found " + found);
      }
      return parse(file.toString(), Files.readString(file, StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UserException(file + ": cannot read the job's secret (" + e.getMessage() + ")", e);
    }
  }

  /** What only who has the secret can compute from the message. */
  byte[] sign(byte[] message) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(bytes, ALGORITHM));
      return mac.doFinal(message);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(ALGORITHM, e);
    }
  }

  /** Whether that is {@link #sign} of the message; takes the same time wherever it differs. */
  boolean verifies(byte[] message, byte[] signature) {
    return MessageDigest.isEqual(sign(message), signature);
  }

  @Override
  public String toString() {
    return "JobSecret(not shown)";
  }
}
