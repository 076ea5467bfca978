package kiln.data;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A picture that can be written where it is wanted, so that it is produced straight in the mapped block. */
@FunctionalInterface
public interface Pixels {
  /**
   * @param target uint8 [height, width, 3], sRGB, red first
   */
  void writeTo(MemorySegment target);

  /**
   * @param rgb 0xRRGGBB [height, width]
   */
  static Pixels of(int[] rgb) {
    return target -> {
      byte[] bytes = new byte[3 * rgb.length];
      for (int i = 0; i < rgb.length; i++) {
        int value = rgb[i];
        bytes[3 * i] = (byte) (value >> 16);
        bytes[3 * i + 1] = (byte) (value >> 8);
        bytes[3 * i + 2] = (byte) value;
      }
      MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, 0, bytes.length);
    };
  }
}
