package kiln.bench.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;
import java.util.Random;

/** Numbers that no kernel is slow at, whatever they mean to it: neither tiny nor huge. */
final class Values {
  private Values() {}

  /** Uniform in [0.01, 1). */
  static void fill(MemorySegment segment, boolean bf16) {
    Random random = new Random(1);
    for (long i = 0; i < segment.byteSize(); i += bf16 ? Short.BYTES : Float.BYTES) {
      float value = 0.01f + 0.99f * random.nextFloat();
      if (bf16) {
        segment.set(JAVA_SHORT, i, (short) (Float.floatToRawIntBits(value) >>> 16));
      } else {
        segment.set(JAVA_FLOAT, i, value);
      }
    }
  }
}
