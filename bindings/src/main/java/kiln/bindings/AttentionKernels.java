package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static kiln.bindings.NativeLibraries.unexpected;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** {@code native/cpu/attention_softmax.c}: what attention does between its two products. */
public final class AttentionKernels {
  private static final MethodHandle SOFTMAX =
      CpuKernels.bind(
          "kiln_attention_softmax",
          FunctionDescriptor.ofVoid(
              ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_FLOAT, ADDRESS, ADDRESS, ADDRESS,
              ADDRESS));
  private static final MethodHandle SOFTMAX_GRAD =
      CpuKernels.bind(
          "kiln_attention_softmax_grad",
          FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG));

  private AttentionKernels() {}

  /**
   * Softmax over the last axis of scale·scores + bias, in place, for {@code count} entries of the batch from {@code first} on;
   * keys whose mask is 0 are left out.
   *
   * @param scores float32 [batch, heads, lq, lk]
   * @param bias float32, or NULL
   * @param biasStrides four int64, in elements: 0 for a broadcast axis; the last is 0 or 1
   * @param mask int32, or NULL
   * @param maskStrides as {@code biasStrides}
   */
  public static void softmax(
      MemorySegment scores,
      long first,
      long count,
      long heads,
      long lq,
      long lk,
      float scale,
      MemorySegment bias,
      MemorySegment biasStrides,
      MemorySegment mask,
      MemorySegment maskStrides) {
    try {
      SOFTMAX.invokeExact(scores, first, count, heads, lq, lk, scale, bias, biasStrides, mask, maskStrides);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /**
   * The gradient of the scaled scores, in place of that of the probabilities, for {@code count} rows from {@code first} on.
   *
   * @param probabilities float32 [rows, lk]
   * @param gradient float32 [rows, lk]
   */
  public static void softmaxGrad(
      MemorySegment probabilities, MemorySegment gradient, long first, long count, long lk) {
    try {
      SOFTMAX_GRAD.invokeExact(probabilities, gradient, first, count, lk);
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }
}
