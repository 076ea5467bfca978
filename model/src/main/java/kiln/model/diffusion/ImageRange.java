package kiln.model.diffusion;

import kiln.model.graph.Value;
import kiln.model.op.Ops;

/** Pixels 0 … 255 as networks see them, -1 … 1, and back. */
public final class ImageRange {
  private static final float HALF = 127.5f;

  private ImageRange() {}

  /** uint8 [N, H, W, 3] → float32. */
  public static Value fromPixels(Value pixels) {
    return Ops.affine(pixels, 1 / HALF, -1);
  }

  /** uint8 → float32; {@link #toPixel} gives the same pixel back. */
  public static float fromPixel(byte pixel) {
    return (pixel & 255) / HALF - 1;
  }

  /** The nearest pixel. */
  public static byte toPixel(float value) {
    return (byte) Math.round(Math.clamp((value + 1) * HALF, 0, 255));
  }
}
