package kiln.model.pipeline;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import kiln.bindings.RandomKernels;
import kiln.model.random.Stream;

/**
 * The noise of a batch's pictures, each picture's by its own number.
 *
 * @param numbers of the pictures
 * @param elements per picture
 */
record DrawingNoise(long seed, long[] numbers, int elements) {
  /** N(0, 1), [pictures, elements]. */
  float[] normal(Stream stream, int step) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate((long) numbers.length * elements * Float.BYTES, 64);
      RandomKernels.normal(out, arena.allocateFrom(ValueLayout.JAVA_LONG, numbers), seed, stream.ordinal(), step);
      return out.toArray(ValueLayout.JAVA_FLOAT);
    }
  }
}
