package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * {@code native/cpu/cast.c}: float16, bfloat16 and float64 to float32 and back, dense, in native memory aligned to the
 * element. Narrowing rounds to nearest, ties to even, and returns the index of the first finite number that would become
 * infinite, or -1 if there is none. {@code n} counts elements; the caller answers for the sizes.
 */
public final class CastKernels {
  private static final FunctionDescriptor WIDEN = FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG);
  private static final FunctionDescriptor NARROW = FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG);
  private static final MethodHandle F16_F32 = CpuKernels.bind("kiln_cast_f16_f32", WIDEN);
  private static final MethodHandle BF16_F32 = CpuKernels.bind("kiln_cast_bf16_f32", WIDEN);
  private static final MethodHandle F32_F16 = CpuKernels.bind("kiln_cast_f32_f16", NARROW);
  private static final MethodHandle F32_BF16 = CpuKernels.bind("kiln_cast_f32_bf16", NARROW);
  private static final MethodHandle F64_F32 =
      CpuKernels.bind("kiln_cast_f64_f32", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT));

  private CastKernels() {}

  /** y [n] float32 from x [n] float16. */
  public static void f16ToF32(MemorySegment x, MemorySegment y, long n) {
    try {
      F16_F32.invokeExact(x, y, n);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** y [n] float32 from x [n] bfloat16. */
  public static void bf16ToF32(MemorySegment x, MemorySegment y, long n) {
    try {
      BF16_F32.invokeExact(x, y, n);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** y [n] float16 from x [n] float32. */
  public static long f32ToF16(MemorySegment x, MemorySegment y, long n) {
    try {
      return (long) F32_F16.invokeExact(x, y, n);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** y [n] bfloat16 from x [n] float32. */
  public static long f32ToBf16(MemorySegment x, MemorySegment y, long n) {
    try {
      return (long) F32_BF16.invokeExact(x, y, n);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /**
   * y [n] float32 from x [n] float64.
   *
   * @param toOdd 1 to round to the neighbour whose last bit is 1, so that narrowing y further rounds as narrowing x at once
   *     would; 0 to round to nearest
   */
  public static long f64ToF32(MemorySegment x, MemorySegment y, long n, int toOdd) {
    try {
      return (long) F64_F32.invokeExact(x, y, n, toOdd);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }
}
