package kiln.data.image;

import java.io.IOException;
import kiln.data.source.UnusableException;

/** A picture file of which the size is known and the pixels are yet to be decoded; for one thread. */
interface PixelDecoder {
  /** Rows as stored, whatever the orientation. */
  int height();

  int width();

  /** Bytes that decoding takes, at most, for every pixel. */
  int bytesPerPixel();

  /** Whether {@link #decode} can shrink by 2, 4 and 8. */
  default boolean shrinks() {
    return false;
  }

  /**
   * All of the picture, on white.
   *
   * @param shrink by how much both sides are divided, rounded up: 1, or 2, 4 or 8 if it can
   * @return in scratch memory
   * @throws UnusableException naming the file and what is wrong with it
   * @throws IOException if it does not decode
   */
  NativePixels decode(int shrink) throws IOException, UnusableException;
}
