package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Kernels of {@code native/cpu} for feature maps and timesteps.
 *
 * <p>Each method is the function of the same name in {@code kernels.h}: dense row-major tensors in native memory, float32
 * unless said. The caller answers for the sizes.
 */
public final class MapKernels {
  private static final MethodHandle UPSAMPLE_NEAREST =
      CpuKernels.bind("kiln_upsample_nearest", FunctionDescriptor.ofVoid(
          JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle UPSAMPLE_NEAREST_GRAD =
      CpuKernels.bind("kiln_upsample_nearest_grad", FunctionDescriptor.ofVoid(
          JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle AVG_POOL2D =
      CpuKernels.bind("kiln_avg_pool2d", FunctionDescriptor.ofVoid(
          ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle AVG_POOL2D_GRAD =
      CpuKernels.bind("kiln_avg_pool2d_grad", FunctionDescriptor.ofVoid(
          ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle TIMESTEP_EMBEDDING_F32 =
      CpuKernels.bind("kiln_timestep_embedding_f32", FunctionDescriptor.ofVoid(
          ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_FLOAT, JAVA_FLOAT));
  private static final MethodHandle TIMESTEP_EMBEDDING_I32 =
      CpuKernels.bind("kiln_timestep_embedding_i32", FunctionDescriptor.ofVoid(
          ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_FLOAT, JAVA_FLOAT));

  private MapKernels() {}

  /** x [n, h, w, c], y [n, height, width, c], of bfloat16 if {@code bf16} is 1. */
  public static void upsampleNearest(
      int bf16, MemorySegment x, MemorySegment y, long n, long h, long w, long height, long width, long c) {
    try {
      UPSAMPLE_NEAREST.invokeExact(bf16, x, y, n, h, w, height, width, c);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** Gradient of {@link #upsampleNearest}. */
  public static void upsampleNearestGrad(
      int bf16, MemorySegment dy, MemorySegment dx, long n, long h, long w, long height, long width, long c) {
    try {
      UPSAMPLE_NEAREST_GRAD.invokeExact(bf16, dy, dx, n, h, w, height, width, c);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** x [n, h, w, c], y [n, height, width, c], windows of kernel × kernel. */
  public static void avgPool2d(
      MemorySegment x, MemorySegment y, long n, long h, long w, long height, long width, long c, long kernel, long stride) {
    try {
      AVG_POOL2D.invokeExact(x, y, n, h, w, height, width, c, kernel, stride);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** Gradient of {@link #avgPool2d}. */
  public static void avgPool2dGrad(
      MemorySegment dy, MemorySegment dx, long n, long h, long w, long height, long width, long c, long kernel,
      long stride) {
    try {
      AVG_POOL2D_GRAD.invokeExact(dy, dx, n, h, w, height, width, c, kernel, stride);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** y [n, dim] from t [n]. */
  public static void timestepEmbeddingF32(
      MemorySegment t, MemorySegment y, long n, long dim, int flipSinToCos, float frequencyShift, float maxPeriod) {
    try {
      TIMESTEP_EMBEDDING_F32.invokeExact(t, y, n, dim, flipSinToCos, frequencyShift, maxPeriod);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** As {@link #timestepEmbeddingF32}, from int32. */
  public static void timestepEmbeddingI32(
      MemorySegment t, MemorySegment y, long n, long dim, int flipSinToCos, float frequencyShift, float maxPeriod) {
    try {
      TIMESTEP_EMBEDDING_I32.invokeExact(t, y, n, dim, flipSinToCos, frequencyShift, maxPeriod);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }
}
