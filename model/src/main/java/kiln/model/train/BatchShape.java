package kiln.model.train;

/**
 * What a micro-batch's tensors have in common; plans are made and kept by it.
 *
 * @param samples number of samples
 * @param height of the images, pixels
 * @param width of the images, pixels
 * @param captionLength tokens per caption, padding included
 */
public record BatchShape(int samples, int height, int width, int captionLength) {
  public BatchShape {
    if (samples < 1 || height < 1 || width < 1 || captionLength < 1) {
      throw new IllegalArgumentException(
          "extents must be positive: samples=" + samples + " height=" + height + " width=" + width + " captionLength="
              + captionLength);
    }
  }
}
