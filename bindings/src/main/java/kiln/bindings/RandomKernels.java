package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * {@code native/cpu/philox.c}: fills float32 [samples, perSample] with numbers that depend on (seed, stream, step, sample) and
 * the place in the sample's row only.
 */
public final class RandomKernels {
  private static final FunctionDescriptor FILL =
      FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT);
  private static final MethodHandle WORDS = handle("kiln_philox_words");
  private static final MethodHandle UNIFORM = handle("kiln_philox_uniform");
  private static final MethodHandle NORMAL = handle("kiln_philox_normal");

  private RandomKernels() {}

  /**
   * Raw words.
   *
   * @param out uint32 [samples, perSample]; the number of samples is that of {@code samples}
   * @param samples int64 [samples], each in 0 … 2⁵⁶ − 1
   * @param stream 0 … 255
   * @param step unsigned
   */
  public static void words(MemorySegment out, MemorySegment samples, long seed, int stream, int step) {
    fill(WORDS, out, samples, seed, stream, step);
  }

  /** Uniform in [0, 1); arguments as {@link #words}, {@code out} float32. */
  public static void uniform(MemorySegment out, MemorySegment samples, long seed, int stream, int step) {
    fill(UNIFORM, out, samples, seed, stream, step);
  }

  /** N(0, 1); arguments as {@link #words}, {@code out} float32. */
  public static void normal(MemorySegment out, MemorySegment samples, long seed, int stream, int step) {
    fill(NORMAL, out, samples, seed, stream, step);
  }

  private static void fill(MethodHandle kernel, MemorySegment out, MemorySegment samples, long seed, int stream, int step) {
    long numSamples = samples.byteSize() / Long.BYTES;
    long elements = out.byteSize() / Float.BYTES;
    if (numSamples == 0 || elements % numSamples != 0) {
      throw new IllegalArgumentException(elements + " elements cannot be rows of " + numSamples + " samples");
    }
    try {
      kernel.invokeExact(out, numSamples, elements / numSamples, samples, seed, stream, step);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  private static MethodHandle handle(String function) {
    return CpuKernels.bind(function, FILL);
  }
}
