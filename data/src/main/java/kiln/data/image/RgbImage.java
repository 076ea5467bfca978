package kiln.data.image;

import java.util.Arrays;

/**
 * A picture without transparency.
 *
 * @param rgb uint8 [height, width, 3], sRGB
 */
public record RgbImage(int height, int width, byte[] rgb) {
  public RgbImage {
    if (height < 1 || width < 1 || rgb.length != 3L * height * width) {
      throw new IllegalArgumentException("height=" + height + " width=" + width + " bytes=" + rgb.length);
    }
  }

  /** All white. */
  public static RgbImage white(int height, int width) {
    byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(height, width))];
    Arrays.fill(rgb, (byte) 255);
    return new RgbImage(height, width, rgb);
  }

  public RgbImage crop(int top, int left, int cropHeight, int cropWidth) {
    byte[] cut = new byte[3 * cropHeight * cropWidth];
    for (int y = 0; y < cropHeight; y++) {
      System.arraycopy(rgb, 3 * ((top + y) * width + left), cut, 3 * y * cropWidth, 3 * cropWidth);
    }
    return new RgbImage(cropHeight, cropWidth, cut);
  }

  /** Lays another picture over this one. */
  public void paste(RgbImage other, int top, int left) {
    for (int y = 0; y < other.height; y++) {
      System.arraycopy(other.rgb, 3 * y * other.width, rgb, 3 * ((top + y) * width + left), 3 * other.width);
    }
  }

  /** By value, as the contents of the array are. */
  @Override
  public boolean equals(Object other) {
    return other instanceof RgbImage image
        && height == image.height
        && width == image.width
        && Arrays.equals(rgb, image.rgb);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(rgb);
  }

  @Override
  public String toString() {
    return "RgbImage[" + height + "x" + width + "]";
  }
}
