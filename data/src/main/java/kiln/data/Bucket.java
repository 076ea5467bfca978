package kiln.data;

/**
 * The shape that all samples of a block share.
 *
 * @param height in pixels
 * @param width in pixels
 * @param captionLength tokens per caption, the end token included
 */
public record Bucket(int height, int width, int captionLength) {
  public Bucket {
    if (height < 1 || width < 1 || captionLength < 2) {
      throw new IllegalArgumentException(
          "height=" + height + " width=" + width + " captionLength=" + captionLength + ": expected at least 1, 1, 2");
    }
  }

  /** Bytes of one sample's pixels, uint8 [height, width, 3]. */
  public long pixelBytes() {
    return 3L * height * width;
  }

  /** Room that a large picture's truth may need beyond that of a small one: it may hold the boxes of much text. */
  public long textBytes() {
    return pixelBytes() / 4;
  }

  /** Bytes of one sample's ids, or of its mask: int32 [captionLength]. */
  public long tokenBytes() {
    return (long) Integer.BYTES * captionLength;
  }

  @Override
  public String toString() {
    return height + "x" + width + " captions " + captionLength;
  }
}
