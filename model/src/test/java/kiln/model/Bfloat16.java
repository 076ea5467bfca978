package kiln.model;

/** Java arrays of bfloat16, the upper halves of float32 numbers. */
public final class Bfloat16 {
  private Bfloat16() {}

  /** Cuts the lower half off: for inputs, where any number will do. */
  public static short[] narrow(float... values) {
    short[] halves = new short[values.length];
    for (int i = 0; i < values.length; i++) {
      halves[i] = (short) (Float.floatToRawIntBits(values[i]) >>> 16);
    }
    return halves;
  }

  public static float[] widen(short... halves) {
    float[] values = new float[halves.length];
    for (int i = 0; i < halves.length; i++) {
      values[i] = Float.intBitsToFloat(halves[i] << 16);
    }
    return values;
  }
}
