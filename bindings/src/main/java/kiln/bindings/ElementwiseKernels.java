package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Elementwise kernels of {@code native/cpu}.
 *
 * <p>Each method is the function of the same name in {@code kernels.h}: dense row-major tensors in native memory, float32
 * unless said. The caller answers for the sizes.
 */
public final class ElementwiseKernels {
  private static final MethodHandle AFFINE_F32 =
      CpuKernels.bind("kiln_affine_f32", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG, JAVA_FLOAT, JAVA_FLOAT));
  private static final MethodHandle AFFINE_U8 =
      CpuKernels.bind("kiln_affine_u8", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG, JAVA_FLOAT, JAVA_FLOAT));
  private static final MethodHandle AFFINE_I32 =
      CpuKernels.bind("kiln_affine_i32", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG, JAVA_FLOAT, JAVA_FLOAT));
  private static final MethodHandle BINARY =
      CpuKernels.bind("kiln_binary", FunctionDescriptor.ofVoid(
          JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle BROADCAST =
      CpuKernels.bind("kiln_broadcast", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle FILL =
      CpuKernels.bind("kiln_fill", FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG, JAVA_FLOAT));
  private static final MethodHandle CLAMP =
      CpuKernels.bind("kiln_clamp", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG, JAVA_FLOAT, JAVA_FLOAT));
  private static final MethodHandle CLAMP_GRAD =
      CpuKernels.bind("kiln_clamp_grad", FunctionDescriptor.ofVoid(
          ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_FLOAT, JAVA_FLOAT));
  private static final MethodHandle UNARY =
      CpuKernels.bind("kiln_unary", FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle UNARY_GRAD =
      CpuKernels.bind("kiln_unary_grad", FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle GEGLU =
      CpuKernels.bind("kiln_geglu", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle GEGLU_GRAD =
      CpuKernels.bind("kiln_geglu_grad", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG));

  private ElementwiseKernels() {}

  /** y = scale·x + shift. */
  public static void affineF32(MemorySegment x, MemorySegment y, long n, float scale, float shift) {
    try {
      AFFINE_F32.invokeExact(x, y, n, scale, shift);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** As {@link #affineF32}, from uint8. */
  public static void affineU8(MemorySegment x, MemorySegment y, long n, float scale, float shift) {
    try {
      AFFINE_U8.invokeExact(x, y, n, scale, shift);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** As {@link #affineF32}, from int32. */
  public static void affineI32(MemorySegment x, MemorySegment y, long n, float scale, float shift) {
    try {
      AFFINE_I32.invokeExact(x, y, n, scale, shift);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** y = a ∘ b; a, y [outer, middle, inner], b [outer, inner]; kind 0 add, 1 subtract, 2 multiply. */
  public static void binary(
      int kind, MemorySegment a, MemorySegment b, MemorySegment y, long outer, long middle, long inner) {
    try {
      BINARY.invokeExact(kind, a, b, y, outer, middle, inner);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** y [outer, middle, inner] from x [outer, inner]. */
  public static void broadcast(MemorySegment x, MemorySegment y, long outer, long middle, long inner) {
    try {
      BROADCAST.invokeExact(x, y, outer, middle, inner);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** y = value. */
  public static void fill(MemorySegment y, long n, float value) {
    try {
      FILL.invokeExact(y, n, value);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** y = min(max(x, low), high). */
  public static void clamp(MemorySegment x, MemorySegment y, long n, float low, float high) {
    try {
      CLAMP.invokeExact(x, y, n, low, high);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** dx = dy where low ≤ x ≤ high, else 0. */
  public static void clampGrad(MemorySegment x, MemorySegment dy, MemorySegment dx, long n, float low, float high) {
    try {
      CLAMP_GRAD.invokeExact(x, dy, dx, n, low, high);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** y = function(x); 0 exp, 1 sigmoid, 2 tanh, 3 SiLU, 4 GELU, 5 GELU by tanh, 6 square. */
  public static void unary(int function, MemorySegment x, MemorySegment y, long n) {
    try {
      UNARY.invokeExact(function, x, y, n);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** dx = dy·function′(x), functions as in {@link #unary}. */
  public static void unaryGrad(int function, MemorySegment x, MemorySegment dy, MemorySegment dx, long n) {
    try {
      UNARY_GRAD.invokeExact(function, x, dy, dx, n);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** y [rows, width] = a·gelu(b) for the halves a, b of the rows of x [rows, 2·width]. */
  public static void geglu(MemorySegment x, MemorySegment y, long rows, long width) {
    try {
      GEGLU.invokeExact(x, y, rows, width);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** Gradient of {@link #geglu}; dx [rows, 2·width]. */
  public static void gegluGrad(MemorySegment x, MemorySegment dy, MemorySegment dx, long rows, long width) {
    try {
      GEGLU_GRAD.invokeExact(x, dy, dx, rows, width);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }
}
