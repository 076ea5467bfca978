package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Downcalls to {@code native/cpu/reduce.c}: out[i] = sources[0][i] ⊕ sources[1][i] ⊕ … in that order, on the calling thread.
 *
 * <p>Everywhere, {@code sources} is a table of {@code numSources} addresses (int64) in native memory; each source and
 * {@code out} hold {@code count} elements of the type that the method's name says, and {@code out} may be one of the sources.
 * {@code reduction} is one of {@link #SUM}, {@link #AVERAGE}, {@link #MAX} and {@link #MIN}. The caller keeps the memory
 * behind the addresses alive.
 */
public final class ReduceKernels {
  public static final int SUM = 0;
  public static final int AVERAGE = 1;
  public static final int MAX = 2;
  public static final int MIN = 3;

  private static final FunctionDescriptor DIVIDE = FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG, JAVA_LONG);

  private static final MethodHandle F32 = downcall("kiln_reduce_f32");
  private static final MethodHandle BF16 = downcall("kiln_reduce_bf16");
  private static final MethodHandle I32 = downcall("kiln_reduce_i32");
  private static final MethodHandle I64 = downcall("kiln_reduce_i64");

  private static final MethodHandle DIVIDE_F32 = CpuKernels.bind("kiln_divide_f32", DIVIDE);
  private static final MethodHandle DIVIDE_BF16 = CpuKernels.bind("kiln_divide_bf16", DIVIDE);
  private static final MethodHandle DIVIDE_I32 = CpuKernels.bind("kiln_divide_i32", DIVIDE);
  private static final MethodHandle DIVIDE_I64 = CpuKernels.bind("kiln_divide_i64", DIVIDE);

  private ReduceKernels() {}

  public static void reduceF32(MemorySegment sources, int numSources, MemorySegment out, long count, int reduction) {
    check(sources, numSources, out, count * Float.BYTES, reduction);
    try {
      F32.invokeExact(sources, (long) numSources, out, count, reduction);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** Accumulates in float32 and rounds once, to nearest even. */
  public static void reduceBf16(MemorySegment sources, int numSources, MemorySegment out, long count, int reduction) {
    check(sources, numSources, out, count * Short.BYTES, reduction);
    try {
      BF16.invokeExact(sources, (long) numSources, out, count, reduction);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  public static void reduceI32(MemorySegment sources, int numSources, MemorySegment out, long count, int reduction) {
    check(sources, numSources, out, count * Integer.BYTES, reduction);
    try {
      I32.invokeExact(sources, (long) numSources, out, count, reduction);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  public static void reduceI64(MemorySegment sources, int numSources, MemorySegment out, long count, int reduction) {
    check(sources, numSources, out, count * Long.BYTES, reduction);
    try {
      I64.invokeExact(sources, (long) numSources, out, count, reduction);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** data[i] /= divisor, as {@link #AVERAGE} divides a sum: what is left of an average whose sum was made in several places. */
  public static void divideF32(MemorySegment data, long count, long divisor) {
    checkDivision(data, count * Float.BYTES, divisor);
    try {
      DIVIDE_F32.invokeExact(data, count, divisor);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** In float32, rounded to nearest even. */
  public static void divideBf16(MemorySegment data, long count, long divisor) {
    checkDivision(data, count * Short.BYTES, divisor);
    try {
      DIVIDE_BF16.invokeExact(data, count, divisor);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  public static void divideI32(MemorySegment data, long count, long divisor) {
    checkDivision(data, count * Integer.BYTES, divisor);
    try {
      DIVIDE_I32.invokeExact(data, count, divisor);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  public static void divideI64(MemorySegment data, long count, long divisor) {
    checkDivision(data, count * Long.BYTES, divisor);
    try {
      DIVIDE_I64.invokeExact(data, count, divisor);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  private static void checkDivision(MemorySegment data, long bytes, long divisor) {
    if (bytes < 0 || data.byteSize() < bytes || divisor < 1) {
      throw new IllegalArgumentException("data bytes=" + data.byteSize() + ", expected " + bytes + ", divisor=" + divisor);
    }
  }

  private static void check(MemorySegment sources, int numSources, MemorySegment out, long bytes, int reduction) {
    if (numSources < 1 || sources.byteSize() < (long) numSources * Long.BYTES) {
      throw new IllegalArgumentException("numSources=" + numSources + ", table bytes=" + sources.byteSize());
    }
    if (bytes < 0 || out.byteSize() < bytes) {
      throw new IllegalArgumentException("out bytes=" + out.byteSize() + ", expected at least " + bytes);
    }
    if (reduction < SUM || reduction > MIN) {
      throw new IllegalArgumentException("reduction=" + reduction);
    }
  }

  private static MethodHandle downcall(String function) {
    return CpuKernels.bind(function, FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT));
  }
}
