package kiln.data.prepare;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.SplittableRandom;
import kiln.data.queue.Split;

/**
 * What is drawn for a sample by its key alone, from the key's SHA-256: whatever else the source holds and however it is ordered,
 * it stays the same.
 *
 * @param id names the sample: 56 bits, all that random numbers are keyed by
 * @param chance decides the split
 * @param random seeds what else is drawn
 */
record KeyHash(long id, long chance, long random) {
  static KeyHash of(String key) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
      ByteBuffer words = ByteBuffer.wrap(digest);
      return new KeyHash(words.getLong() >>> 8, words.getLong(), words.getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  Split split(double validationShare) {
    double uniform = (chance >>> 11) * 0x1p-53; // [0, 1)
    return uniform < validationShare ? Split.VALIDATION : Split.TRAIN;
  }

  SplittableRandom random(long seed) {
    return new SplittableRandom(seed * 0x9E3779B97F4A7C15L ^ random);
  }
}
