package kiln.data.queue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import kiln.data.Bucket;

/**
 * What decides which samples a step has, in one number: the first 64 bits of a SHA-256. It is over the headers of all blocks, of which
 * each has the checksum of all its bytes, the numbers of its drafts among them.
 */
public final class ScheduleHash {
  private static final int HEX_DIGITS = 32;

  private ScheduleHash() {}

  /**
   * The schedule of a data set that is finished.
   *
   * @param firstAsWritten whether epoch 0 is in the order of writing
   */
  public static long of(long seed, int globalBatch, boolean firstAsWritten, BlockTable blocks) {
    MessageDigest digest = sha256();
    put(digest, seed, globalBatch, firstAsWritten ? 1 : 0);
    contents(digest, blocks, blocks.numBlocks());
    return ByteBuffer.wrap(digest.digest()).getLong();
  }

  /** The schedule of a data set that is still being made, as far as it is known: with what it is made. */
  public static long of(long seed, int globalBatch, Preparation preparation) {
    MessageDigest digest = sha256();
    put(digest, seed, globalBatch, preparation.blockSize(), preparation.writers(), preparation.apart() ? 1 : 0);
    digest.update((preparation.source() + preparation.settings() + preparation.notes()).getBytes(StandardCharsets.UTF_8));
    digest.update((preparation.sizes() + " " + preparation.captionLengths()).getBytes(StandardCharsets.UTF_8));
    return ByteBuffer.wrap(digest.digest()).getLong();
  }

  /** What the first blocks hold, as 32 hexadecimal digits; where their files lie does not matter. */
  public static String fingerprint(BlockTable blocks, int numBlocks) {
    MessageDigest digest = sha256();
    contents(digest, blocks, numBlocks);
    return HexFormat.of().formatHex(digest.digest()).substring(0, HEX_DIGITS);
  }

  private static void contents(MessageDigest digest, BlockTable blocks, int numBlocks) {
    put(digest, blocks.blockSize(), numBlocks);
    for (int i = 0; i < numBlocks; i++) {
      Bucket bucket = blocks.bucket(i);
      put(digest, bucket.height(), bucket.width(), bucket.captionLength());
      put(digest, blocks.distinct(i), blocks.checksum(i));
    }
  }

  private static void put(MessageDigest digest, long... numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * numbers.length);
    for (long number : numbers) {
      bytes.putLong(number);
    }
    digest.update(bytes.flip());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
