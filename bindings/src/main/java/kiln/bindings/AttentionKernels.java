package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static kiln.bindings.NativeLibraries.unexpected;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Attention of {@code native/cpu}: {@code attention.c} and {@code attention_grad.c}.
 *
 * <p>{@code shape} is 17 int64, the fields of {@code kiln_attention_shape}: batch, heads, lq, lk, d and dv, the sizes of one
 * head; four strides of the bias and four of the mask, in elements, 0 for an axis that they are repeated over, the last 0 or 1;
 * the extent of the batch in the bias, 0 if there is none; 1 for bfloat16, 0 for float32; the number of threads, as scratch
 * memory depends on it. q, k, v, y and their gradients have that type; bias, mask (int32) and the logarithms of the rows' sums
 * [batch, heads, lq] are what they always are. Bias and mask may be NULL.
 */
public final class AttentionKernels {
  private static final MethodHandle SCRATCH =
      CpuKernels.bind("kiln_attention_scratch", FunctionDescriptor.of(JAVA_LONG, ADDRESS));
  private static final MethodHandle ATTENTION =
      CpuKernels.bind("kiln_attention", FunctionDescriptor.ofVoid(
          ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_FLOAT));
  private static final MethodHandle GRAD_SCRATCH =
      CpuKernels.bind("kiln_attention_grad_scratch", FunctionDescriptor.of(JAVA_LONG, ADDRESS));
  private static final MethodHandle ATTENTION_GRAD =
      CpuKernels.bind("kiln_attention_grad", FunctionDescriptor.ofVoid(
          ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS,
          ADDRESS, JAVA_FLOAT));

  private AttentionKernels() {}

  /** Bytes of scratch that {@link #attention} needs. */
  public static long attentionScratch(MemorySegment shape) {
    try {
      return (long) SCRATCH.invokeExact(shape);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** y and the logarithms of the sums, -{@link Float#MAX_VALUE} where all keys are dropped. */
  public static void attention(
      MemorySegment q, MemorySegment k, MemorySegment v, MemorySegment bias, MemorySegment mask, MemorySegment y,
      MemorySegment logSumExp, MemorySegment scratch, MemorySegment shape, float scale) {
    try {
      ATTENTION.invokeExact(q, k, v, bias, mask, y, logSumExp, scratch, shape, scale);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Bytes of scratch that {@link #attentionGrad} needs. */
  public static long attentionGradScratch(MemorySegment shape) {
    try {
      return (long) GRAD_SCRATCH.invokeExact(shape);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** Gradients of q, k and v, and, unless NULL, of the bias: float32 [1 or batch, heads, lq, lk]. */
  public static void attentionGrad(
      MemorySegment q, MemorySegment k, MemorySegment v, MemorySegment bias, MemorySegment mask, MemorySegment y,
      MemorySegment logSumExp, MemorySegment dy, MemorySegment dq, MemorySegment dk, MemorySegment dv, MemorySegment dbias,
      MemorySegment scratch, MemorySegment shape, float scale) {
    try {
      ATTENTION_GRAD.invokeExact(q, k, v, bias, mask, y, logSumExp, dy, dq, dk, dv, dbias, scratch, shape, scale);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }
}
