package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Sums, softmax and losses of {@code native/cpu}.
 *
 * <p>Each method is the function of the same name in {@code kernels.h}: dense row-major tensors in native memory, float32
 * unless said. The caller answers for the sizes.
 */
public final class ReductionKernels {
  private static final MethodHandle SUM =
      CpuKernels.bind("kiln_sum", FunctionDescriptor.ofVoid(
          JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle SOFTMAX =
      CpuKernels.bind("kiln_softmax", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle SOFTMAX_GRAD =
      CpuKernels.bind("kiln_softmax_grad", FunctionDescriptor.ofVoid(
          ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_INT));
  private static final MethodHandle CROSS_ENTROPY =
      CpuKernels.bind("kiln_cross_entropy", FunctionDescriptor.of(
          JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_FLOAT, JAVA_INT));
  private static final MethodHandle CROSS_ENTROPY_GRAD =
      CpuKernels.bind("kiln_cross_entropy_grad", FunctionDescriptor.of(
          JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_FLOAT, JAVA_INT));
  private static final MethodHandle WEIGHTED_MSE =
      CpuKernels.bind("kiln_weighted_mse", FunctionDescriptor.ofVoid(
          ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle WEIGHTED_MSE_GRAD =
      CpuKernels.bind("kiln_weighted_mse_grad", FunctionDescriptor.ofVoid(
          ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG));

  private ReductionKernels() {}

  /**
   * y [outer, inner] from x [outer, middle, inner]; chunk rows of the middle are summed apart; partial is scratch for {@code
   * outer·⌈middle/chunk⌉·inner} doubles.
   */
  public static void sum(
      int bf16, MemorySegment x, MemorySegment y, MemorySegment partial, long outer, long middle, long inner, long chunk) {
    try {
      SUM.invokeExact(bf16, x, y, partial, outer, middle, inner, chunk);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** x, y [rows, c]; log 0 or 1. */
  public static void softmax(MemorySegment x, MemorySegment y, long rows, long c, int log) {
    try {
      SOFTMAX.invokeExact(x, y, rows, c, log);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** Gradient of {@link #softmax} from its output y. */
  public static void softmaxGrad(MemorySegment y, MemorySegment dy, MemorySegment dx, long rows, long c, int log) {
    try {
      SOFTMAX_GRAD.invokeExact(y, dy, dx, rows, c, log);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /**
   * logits [rows, c], labels [rows]; losses [rows] is the result if reduction is 0, else scratch for loss, 1 the sum, 2 the
   * mean. Returns the first row whose label is no class, or -1.
   */
  public static long crossEntropy(
      MemorySegment logits, MemorySegment labels, MemorySegment losses, MemorySegment loss, long rows, long c, int ignore,
      float smoothing, int reduction) {
    try {
      return (long) CROSS_ENTROPY.invokeExact(logits, labels, losses, loss, rows, c, ignore, smoothing, reduction);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** Gradient of {@link #crossEntropy}; returns as it does. */
  public static long crossEntropyGrad(
      MemorySegment logits, MemorySegment labels, MemorySegment dy, MemorySegment dx, long rows, long c, int ignore,
      float smoothing, int reduction) {
    try {
      return (long) CROSS_ENTROPY_GRAD.invokeExact(logits, labels, dy, dx, rows, c, ignore, smoothing, reduction);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** prediction, target [n, size], weight, errors [n]. */
  public static void weightedMse(
      MemorySegment prediction, MemorySegment target, MemorySegment weight, MemorySegment loss, MemorySegment errors, long n,
      long size) {
    try {
      WEIGHTED_MSE.invokeExact(prediction, target, weight, loss, errors, n, size);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** Gradient of the prediction of {@link #weightedMse}. */
  public static void weightedMseGrad(
      MemorySegment prediction, MemorySegment target, MemorySegment weight, MemorySegment dy, MemorySegment dx, long n,
      long size) {
    try {
      WEIGHTED_MSE_GRAD.invokeExact(prediction, target, weight, dy, dx, n, size);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }
}
