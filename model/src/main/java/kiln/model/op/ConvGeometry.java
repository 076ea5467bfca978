package kiln.model.op;

/**
 * How a convolution's window moves. Padding is zeros, given for each side because the published networks pad unevenly.
 */
public record ConvGeometry(
    int groups,
    int strideH,
    int strideW,
    int dilationH,
    int dilationW,
    int padTop,
    int padBottom,
    int padLeft,
    int padRight) {
  public ConvGeometry {
    if (groups < 1 || strideH < 1 || strideW < 1 || dilationH < 1 || dilationW < 1) {
      throw new IllegalArgumentException("groups, strides and dilations must be positive");
    }
    if (padTop < 0 || padBottom < 0 || padLeft < 0 || padRight < 0) {
      throw new IllegalArgumentException("padding must not be negative");
    }
  }

  /** One group, no dilation, the same stride and padding on all sides. */
  public static ConvGeometry square(int stride, int padding) {
    return new ConvGeometry(1, stride, stride, 1, 1, padding, padding, padding, padding);
  }

  public int outputHeight(int height, int kernel) {
    return (height + padTop + padBottom - dilationH * (kernel - 1) - 1) / strideH + 1;
  }

  public int outputWidth(int width, int kernel) {
    return (width + padLeft + padRight - dilationW * (kernel - 1) - 1) / strideW + 1;
  }
}
