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
 * <p>Each method is the function of the same name in {@code kernels.h}: dense row-major tensors in native memory, of
 * bfloat16 if {@code bf16} is 1 and of float32 if it is 0, or as said. The caller answers for the sizes.
 */
public final class ElementwiseKernels {
  private static final MethodHandle AFFINE =
      CpuKernels.bind("kiln_affine", FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, JAVA_FLOAT,
          JAVA_FLOAT));
  private static final MethodHandle AFFINE_U8 =
      CpuKernels.bind("kiln_affine_u8", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG, JAVA_FLOAT, JAVA_FLOAT));
  private static final MethodHandle AFFINE_I32 =
      CpuKernels.bind("kiln_affine_i32", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG, JAVA_FLOAT, JAVA_FLOAT));
  private static final MethodHandle BINARY =
      CpuKernels.bind("kiln_binary", FunctionDescriptor.ofVoid(
          JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle BROADCAST =
      CpuKernels.bind("kiln_broadcast", FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG,
          JAVA_LONG));
  private static final MethodHandle FILL =
      CpuKernels.bind("kiln_fill", FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG, JAVA_FLOAT));
  private static final MethodHandle NARROW =
      CpuKernels.bind("kiln_narrow", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle WIDEN =
      CpuKernels.bind("kiln_widen", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle CLAMP =
      CpuKernels.bind("kiln_clamp", FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, JAVA_FLOAT,
          JAVA_FLOAT));
  private static final MethodHandle CLAMP_GRAD =
      CpuKernels.bind("kiln_clamp_grad", FunctionDescriptor.ofVoid(
          JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_FLOAT, JAVA_FLOAT));
  private static final MethodHandle UNARY =
      CpuKernels.bind("kiln_unary", FunctionDescriptor.ofVoid(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle UNARY_GRAD =
      CpuKernels.bind("kiln_unary_grad", FunctionDescriptor.ofVoid(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS,
          JAVA_LONG));
  private static final MethodHandle GEGLU =
      CpuKernels.bind("kiln_geglu", FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle GEGLU_GRAD =
      CpuKernels.bind("kiln_geglu_grad", FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG,
          JAVA_LONG));

  private ElementwiseKernels() {}

  /** y = scale·x + shift. */
  public static void affine(int bf16, MemorySegment x, MemorySegment y, long n, float scale, float shift) {
    try {
      AFFINE.invokeExact(bf16, x, y, n, scale, shift);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** As {@link #affine}, from uint8 to float32. */
  public static void affineU8(MemorySegment x, MemorySegment y, long n, float scale, float shift) {
    try {
      AFFINE_U8.invokeExact(x, y, n, scale, shift);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** As {@link #affine}, from int32 to float32. */
  public static void affineI32(MemorySegment x, MemorySegment y, long n, float scale, float shift) {
    try {
      AFFINE_I32.invokeExact(x, y, n, scale, shift);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** y = a ∘ b; a, y [outer, middle, inner], b [outer, inner]; kind 0 add, 1 subtract, 2 multiply. */
  public static void binary(
      int bf16, int kind, MemorySegment a, MemorySegment b, MemorySegment y, long outer, long middle, long inner) {
    try {
      BINARY.invokeExact(bf16, kind, a, b, y, outer, middle, inner);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** y [outer, middle, inner] from x [outer, inner]. */
  public static void broadcast(int bf16, MemorySegment x, MemorySegment y, long outer, long middle, long inner) {
    try {
      BROADCAST.invokeExact(bf16, x, y, outer, middle, inner);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** y = value, float32. */
  public static void fill(MemorySegment y, long n, float value) {
    try {
      FILL.invokeExact(y, n, value);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** y bfloat16 = x float32, rounded to nearest, ties to even; too large numbers become infinite. */
  public static void narrow(MemorySegment x, MemorySegment y, long n) {
    try {
      NARROW.invokeExact(x, y, n);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** y float32 = x bfloat16. */
  public static void widen(MemorySegment x, MemorySegment y, long n) {
    try {
      WIDEN.invokeExact(x, y, n);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** y = min(max(x, low), high). */
  public static void clamp(int bf16, MemorySegment x, MemorySegment y, long n, float low, float high) {
    try {
      CLAMP.invokeExact(bf16, x, y, n, low, high);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** dx = dy where low ≤ x ≤ high, else 0. */
  public static void clampGrad(int bf16, MemorySegment x, MemorySegment dy, MemorySegment dx, long n, float low,
      float high) {
    try {
      CLAMP_GRAD.invokeExact(bf16, x, dy, dx, n, low, high);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** y = function(x); 0 exp, 1 sigmoid, 2 tanh, 3 SiLU, 4 GELU, 5 GELU by tanh, 6 square, 7 ReLU. */
  public static void unary(int bf16, int function, MemorySegment x, MemorySegment y, long n) {
    try {
      UNARY.invokeExact(bf16, function, x, y, n);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** dx = dy·function′(x), functions as in {@link #unary}. */
  public static void unaryGrad(int bf16, int function, MemorySegment x, MemorySegment dy, MemorySegment dx, long n) {
    try {
      UNARY_GRAD.invokeExact(bf16, function, x, dy, dx, n);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** y [rows, width] = a·gelu(b) for the halves a, b of the rows of x [rows, 2·width]. */
  public static void geglu(int bf16, MemorySegment x, MemorySegment y, long rows, long width) {
    try {
      GEGLU.invokeExact(bf16, x, y, rows, width);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** Gradient of {@link #geglu}; dx [rows, 2·width]. */
  public static void gegluGrad(int bf16, MemorySegment x, MemorySegment dy, MemorySegment dx, long rows, long width) {
    try {
      GEGLU_GRAD.invokeExact(bf16, x, dy, dx, rows, width);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }
}
