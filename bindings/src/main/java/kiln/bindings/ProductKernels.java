package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Kernels of {@code native/cpu} around oneDNN's products: what makes a convolution one, and turned results.
 *
 * <p>Each method is the function of the same name in {@code kernels.h}: dense row-major tensors in native memory. The caller
 * answers for the sizes.
 */
public final class ProductKernels {
  private static final FunctionDescriptor WINDOWS = FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle UNFOLD = CpuKernels.bind("kiln_unfold", WINDOWS);
  private static final MethodHandle FOLD = CpuKernels.bind("kiln_fold", WINDOWS);
  private static final MethodHandle TURN =
      CpuKernels.bind(
          "kiln_turn", FunctionDescriptor.ofVoid(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG));

  private ProductKernels() {}

  /**
   * y [n·ho·wo, c·kh·kw], what lies under the window at each of its places, of x [n, h, w, c].
   *
   * @param bf16 1 if x and y are bfloat16, 0 if they are float32
   * @param window 14 int64: n, h, w, c, ho, wo, kh, kw, strides, dilations and paddings before, each for height and width
   */
  public static void unfold(int bf16, MemorySegment x, MemorySegment y, MemorySegment window) {
    try {
      UNFOLD.invokeExact(bf16, x, y, window);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /**
   * y [n, h, w, c]: for each element the sum of those of x [n·ho·wo, c·kh·kw], float32, that {@link #unfold} makes of it.
   *
   * @param bf16 1 if y is bfloat16, 0 if it is float32
   */
  public static void fold(int bf16, MemorySegment x, MemorySegment y, MemorySegment window) {
    try {
      FOLD.invokeExact(bf16, x, y, window);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /**
   * y [columns, rows] = xᵀ + bias; x [rows, columns] and bias [rows] are float32.
   *
   * @param bf16 1 if y is bfloat16, 0 if it is float32
   * @param bias may be {@link MemorySegment#NULL}
   */
  public static void turn(int bf16, MemorySegment x, MemorySegment bias, MemorySegment y, long rows, long columns) {
    try {
      TURN.invokeExact(bf16, x, bias, y, rows, columns);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }
}
