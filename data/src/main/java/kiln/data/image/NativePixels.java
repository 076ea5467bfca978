package kiln.data.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A decoded picture in {@link Scratch} memory.
 *
 * @param rgb uint8 [height, width, 3], sRGB
 */
record NativePixels(int height, int width, MemorySegment rgb) {
  NativePixels {
    if (rgb.byteSize() != 3L * height * width) {
      throw new IllegalArgumentException("height=" + height + " width=" + width + " bytes=" + rgb.byteSize());
    }
  }

  static NativePixels of(RgbImage image) {
    return new NativePixels(image.height(), image.width(), Scratch.copy(Scratch.Use.PIXELS, image.rgb()));
  }

  RgbImage toImage() {
    return new RgbImage(height, width, rgb.toArray(ValueLayout.JAVA_BYTE));
  }
}
