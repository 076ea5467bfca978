package kiln.data.show;

/**
 * One bucket of a split.
 *
 * @param height of its pictures, in pixels
 * @param width of its pictures, in pixels
 * @param captionLength tokens that every caption takes
 * @param samples different ones
 * @param repeated samples that fill its last block
 * @param blocks records of the queue
 * @param tokens of the captions of all different samples, their end tokens included
 * @param padding share of the captions' places that hold no token, of the different samples
 * @param cut captions that did not fit
 */
public record BucketUse(
    int height,
    int width,
    int captionLength,
    long samples,
    long repeated,
    long blocks,
    long tokens,
    double padding,
    long cut) {
  /** {@code 256x128}, height first. */
  public String size() {
    return height + "x" + width;
  }
}
