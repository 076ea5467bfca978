package kiln.data.encoded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import kiln.bindings.UserException;
import kiln.data.queue.Manifest;

/**
 * What encoded samples follow from. Fingerprints are SHA-256 in hexadecimal.
 *
 * @param source the source's folder when it was encoded
 * @param data fingerprint of the source's {@code dataset.json}, which counts and sizes all that is in it
 * @param vae fingerprint of the autoencoder's configuration and weights
 * @param textEncoder fingerprint of the text encoder's; null if captions are not encoded
 * @param precision what the networks computed in
 */
public record Origin(String source, String data, String vae, String textEncoder, String precision) {
  /** Fingerprint of a data set, which is read anew. */
  public static String fingerprint(Path dataset) {
    Path file = dataset.resolve(Manifest.FILE);
    try {
      return HexFormat.of().formatHex(sha256().digest(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new UserException(file + ": cannot be read: " + Manifest.firstLine(e));
    }
  }

  /** SHA-256 of all that decides what the blocks hold: where the source lay does not. */
  public byte[] key() {
    String text = String.join("\n", "kiln-encoded " + EncodedLayout.VERSION, data, vae, String.valueOf(textEncoder), precision);
    return sha256().digest(text.getBytes(StandardCharsets.UTF_8));
  }

  /** {@link #key} in hexadecimal. */
  public String keyText() {
    return HexFormat.of().formatHex(key());
  }

  /** Whether captions are encoded too. */
  public boolean hasText() {
    return textEncoder != null;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
