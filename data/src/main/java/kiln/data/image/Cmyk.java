package kiln.data.image;

/** Ink to light, without a colour profile: white without ink, and every ink takes its share away; as Pillow converts. */
final class Cmyk {
  private Cmyk() {}

  /**
   * @param cyan to {@code black}: 0 to 255, 0 is no ink
   * @param rgb three bytes are set from {@code at} on
   */
  static void toRgb(int cyan, int magenta, int yellow, int black, byte[] rgb, int at) {
    int light = 255 - black;
    rgb[at] = (byte) (light - part(cyan, light));
    rgb[at + 1] = (byte) (light - part(magenta, light));
    rgb[at + 2] = (byte) (light - part(yellow, light));
  }

  /** a · b / 255, rounded. */
  private static int part(int a, int b) {
    int product = a * b + 128;
    return (product >> 8) + product >> 8;
  }
}
