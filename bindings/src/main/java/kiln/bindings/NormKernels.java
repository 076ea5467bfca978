package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Normalisations of {@code native/cpu}.
 *
 * <p>Each method is the function of the same name in {@code kernels.h}: dense row-major tensors in native memory; x, y, dy
 * and dx are of bfloat16 if {@code bf16} is 1 and of float32 if it is 0, all else is float32. The caller answers for the
 * sizes.
 */
public final class NormKernels {
  /** Rows that the gradients of layer and RMS normalisation sum in one partial result: KILN_RUN in {@code sums.h}. */
  public static final int ROWS_PER_PARTIAL = 64;

  private static final MethodHandle GROUP_NORM =
      CpuKernels.bind("kiln_group_norm", FunctionDescriptor.ofVoid(
          JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
          JAVA_FLOAT, JAVA_INT));
  private static final MethodHandle GROUP_NORM_GRAD =
      CpuKernels.bind("kiln_group_norm_grad", FunctionDescriptor.ofVoid(
          JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG,
          JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle LAYER_NORM =
      CpuKernels.bind("kiln_layer_norm", FunctionDescriptor.ofVoid(
          JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_FLOAT));
  private static final MethodHandle LAYER_NORM_GRAD =
      CpuKernels.bind("kiln_layer_norm_grad", FunctionDescriptor.ofVoid(
          JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle RMS_NORM =
      CpuKernels.bind("kiln_rms_norm", FunctionDescriptor.ofVoid(
          JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_FLOAT));
  private static final MethodHandle RMS_NORM_GRAD =
      CpuKernels.bind("kiln_rms_norm_grad", FunctionDescriptor.ofVoid(
          JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG));

  private NormKernels() {}

  /** x, y [n, s, c]; weight, bias [c]; mean, rstd [n, groups]; silu 0 or 1. */
  public static void groupNorm(
      int bf16, MemorySegment x, MemorySegment weight, MemorySegment bias, MemorySegment y, MemorySegment mean,
      MemorySegment rstd, long n, long s, long c, long groups, float epsilon, int silu) {
    try {
      GROUP_NORM.invokeExact(bf16, x, weight, bias, y, mean, rstd, n, s, c, groups, epsilon, silu);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** Gradient of {@link #groupNorm}; partial is scratch of {@code 16·n·c} bytes. */
  public static void groupNormGrad(
      int bf16, MemorySegment x, MemorySegment weight, MemorySegment bias, MemorySegment mean, MemorySegment rstd,
      MemorySegment dy, MemorySegment dx, MemorySegment dweight, MemorySegment dbias, MemorySegment partial, long n, long s,
      long c, long groups, int silu) {
    try {
      GROUP_NORM_GRAD.invokeExact(bf16, x, weight, bias, mean, rstd, dy, dx, dweight, dbias, partial, n, s, c, groups, silu);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** x, y [rows, c]; weight, bias [c]; mean, rstd [rows]. */
  public static void layerNorm(
      int bf16, MemorySegment x, MemorySegment weight, MemorySegment bias, MemorySegment y, MemorySegment mean,
      MemorySegment rstd, long rows, long c, float epsilon) {
    try {
      LAYER_NORM.invokeExact(bf16, x, weight, bias, y, mean, rstd, rows, c, epsilon);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** Gradient of {@link #layerNorm}; partial is scratch of {@code 8·⌈rows/ROWS_PER_PARTIAL⌉·c} bytes. */
  public static void layerNormGrad(
      int bf16, MemorySegment x, MemorySegment weight, MemorySegment mean, MemorySegment rstd, MemorySegment dy,
      MemorySegment dx, MemorySegment dweight, MemorySegment dbias, MemorySegment partial, long rows, long c) {
    try {
      LAYER_NORM_GRAD.invokeExact(bf16, x, weight, mean, rstd, dy, dx, dweight, dbias, partial, rows, c);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** x, y [rows, c]; weight [c]; rstd [rows]. */
  public static void rmsNorm(
      int bf16, MemorySegment x, MemorySegment weight, MemorySegment y, MemorySegment rstd, long rows, long c,
      float epsilon) {
    try {
      RMS_NORM.invokeExact(bf16, x, weight, y, rstd, rows, c, epsilon);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** Gradient of {@link #rmsNorm}; partial is scratch of {@code 4·⌈rows/ROWS_PER_PARTIAL⌉·c} bytes. */
  public static void rmsNormGrad(
      int bf16, MemorySegment x, MemorySegment weight, MemorySegment rstd, MemorySegment dy, MemorySegment dx,
      MemorySegment dweight, MemorySegment partial, long rows, long c) {
    try {
      RMS_NORM_GRAD.invokeExact(bf16, x, weight, rstd, dy, dx, dweight, partial, rows, c);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }
}
