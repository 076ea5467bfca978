package kiln.data.scenes;

import java.awt.Color;
import java.util.Arrays;
import kiln.data.typography.Ink;

/** What is behind the text. */
sealed interface Ground {
  /**
   * @param rgb 0xRRGGBB [height, width]
   */
  void paint(int[] rgb, int width, int height);

  /** For truth: a colour, or what it is. */
  String describe();

  /** One colour. */
  record Plain(Ink ink, Color color) implements Ground {
    @Override
    public void paint(int[] rgb, int width, int height) {
      Arrays.fill(rgb, color.getRGB() & 0xffffff);
    }

    @Override
    public String describe() {
      return SceneStyle.hex(color);
    }
  }

  /** Where a texture is between its two colours, at each pixel, 0..255. */
  @FunctionalInterface
  interface Field {
    int at(int x, int y);
  }

  /**
   * A pattern between two colours.
   *
   * @param kind {@code gradient}, or the name of a texture
   * @param field for a picture of a width and height
   */
  record Texture(String kind, int from, int to, Field field) implements Ground {
    @Override
    public void paint(int[] rgb, int width, int height) {
      int[] colors = new int[256];
      for (int t = 0; t < 256; t++) {
        colors[t] = mix(from, to, t);
      }
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          rgb[y * width + x] = colors[Math.clamp(field.at(x, y), 0, 255)];
        }
      }
    }

    @Override
    public String describe() {
      return kind;
    }
  }

  /**
   * Part of a photograph.
   *
   * @param left of the part
   * @param top of the part
   */
  record Photo(PhotoPool.Photo photo, int left, int top) implements Ground {
    @Override
    public void paint(int[] rgb, int width, int height) {
      for (int y = 0; y < height; y++) {
        System.arraycopy(photo.rgb(), (top + y) * photo.width() + left, rgb, y * width, width);
      }
    }

    @Override
    public String describe() {
      return "photo " + photo.name();
    }
  }

  /**
   * A colour between two.
   *
   * @param t 0 for the first to 255 for the second
   */
  static int mix(int from, int to, int t) {
    int red = mixChannel(from >> 16 & 255, to >> 16 & 255, t);
    int green = mixChannel(from >> 8 & 255, to >> 8 & 255, t);
    return red << 16 | green << 8 | mixChannel(from & 255, to & 255, t);
  }

  private static int mixChannel(int from, int to, int t) {
    return (from * (255 - t) + to * t + 127) / 255;
  }
}
