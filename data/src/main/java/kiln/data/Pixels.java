package kiln.data;

import java.lang.foreign.MemorySegment;

/** A picture that can be written where it is wanted, so that it is produced straight in the mapped block. */
@FunctionalInterface
public interface Pixels {
  /**
   * @param target uint8 [height, width, 3], sRGB, red first
   */
  void writeTo(MemorySegment target);
}
