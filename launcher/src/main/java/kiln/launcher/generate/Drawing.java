package kiln.launcher.generate;

import java.awt.image.BufferedImage;

/**
 * One drawn picture.
 *
 * @param caption what was asked for
 * @param image the picture
 */
record Drawing(String caption, BufferedImage image) {
  /** uint8 [height, width, 3] as an image. */
  static BufferedImage image(byte[] rgb, int height, int width) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int[] pixels = new int[height * width];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (rgb[3 * i] & 255) << 16 | (rgb[3 * i + 1] & 255) << 8 | rgb[3 * i + 2] & 255;
    }
    image.setRGB(0, 0, width, height, pixels, 0, width);
    return image;
  }

  /** The picture as uint8 [height, width, 3]. */
  byte[] rgb() {
    int[] pixels = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    byte[] rgb = new byte[3 * pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      rgb[3 * i] = (byte) (pixels[i] >> 16);
      rgb[3 * i + 1] = (byte) (pixels[i] >> 8);
      rgb[3 * i + 2] = (byte) pixels[i];
    }
    return rgb;
  }
}
