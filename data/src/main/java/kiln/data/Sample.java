package kiln.data;

import java.nio.charset.StandardCharsets;

/**
 * One picture with its caption.
 *
 * @param id what the source calls it; stays the same however the data set is ordered
 * @param size the picture's size, one of the bucket table's
 * @param pixels the picture
 * @param caption its caption, UTF-8
 * @param truth what is known about the picture, as JSON
 */
public record Sample(long id, BucketTable.Size size, Pixels pixels, byte[] caption, byte[] truth) {
  public static Sample of(long id, BucketTable.Size size, Pixels pixels, String caption, String truth) {
    return new Sample(
        id, size, pixels, caption.getBytes(StandardCharsets.UTF_8), truth.getBytes(StandardCharsets.UTF_8));
  }
}
