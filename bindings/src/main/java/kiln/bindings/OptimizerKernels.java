package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** {@code native/cpu/adamw.c},
{@code ema.c} and {@code global_norm.c}: passes over flat float32 regions or slices of them. */
public final class OptimizerKernels {
  private static final MethodHandle ADAMW =
      handle(
          "kiln_adamw_f32",
          FunctionDescriptor.ofVoid(
              ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_FLOAT, JAVA_FLOAT, JAVA_FLOAT,
              JAVA_FLOAT, JAVA_FLOAT, JAVA_FLOAT, JAVA_FLOAT, JAVA_FLOAT));
  private static final MethodHandle EMA =
      handle("kiln_ema_f32", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, JAVA_LONG, JAVA_FLOAT));
  private static final MethodHandle SUM_OF_SQUARES =
      handle("kiln_sum_of_squares_f32", FunctionDescriptor.of(JAVA_DOUBLE, ADDRESS, JAVA_LONG));

  private OptimizerKernels() {}

  /**
   * One AdamW step in place.
   *
   * @param average moves towards the new weights as by {@link #ema}; {@link MemorySegment#NULL} for none
   * @param copy gets the new weights in bfloat16; {@link MemorySegment#NULL} for none
   * @param gradientScale what the gradient is multiplied by first
   * @param decay what the weight is multiplied by, 1 − learning rate · weight decay
   * @param stepSize learning rate / (1 − β₁ᵗ)
   * @param rootCorrection √(1 − β₂ᵗ)
   * @param averageRate share of its distance from the weights that the average moves
   */
  public static void adamW(
      MemorySegment weight,
      MemorySegment gradient,
      MemorySegment firstMoment,
      MemorySegment secondMoment,
      MemorySegment average,
      MemorySegment copy,
      float gradientScale,
      float beta1,
      float beta2,
      float epsilon,
      float decay,
      float stepSize,
      float rootCorrection,
      float averageRate) {
    long n = elements(weight, gradient, firstMoment, secondMoment);
    checkOptional(average, n * Float.BYTES);
    checkOptional(copy, n * Short.BYTES);
    try {
      ADAMW.invokeExact(
          weight, gradient, firstMoment, secondMoment, average, copy, n, gradientScale, beta1, beta2, epsilon, decay,
          stepSize, rootCorrection, averageRate);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** average −= rate · (average − value). */
  public static void ema(MemorySegment average, MemorySegment value, float rate) {
    long n = elements(average, value);
    try {
      EMA.invokeExact(average, value, n, rate);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  /** Σ x², accumulated in double in an order that depends on the size only. */
  public static double sumOfSquares(MemorySegment x) {
    try {
      return (double) SUM_OF_SQUARES.invokeExact(x, x.byteSize() / Float.BYTES);
    } catch (Throwable thrown) {
      throw NativeLibraries.unexpected(thrown);
    }
  }

  private static long elements(MemorySegment first, MemorySegment... others) {
    for (MemorySegment other : others) {
      if (other.byteSize() != first.byteSize()) {
        throw new IllegalArgumentException("segments of " + first.byteSize() + " and " + other.byteSize() + " bytes");
      }
    }
    return first.byteSize() / Float.BYTES;
  }

  private static void checkOptional(MemorySegment segment, long bytes) {
    if (segment.address() != 0 && segment.byteSize() != bytes) {
      throw new IllegalArgumentException("segment of " + segment.byteSize() + " bytes, expected " + bytes);
    }
  }

  private static MethodHandle handle(String function, FunctionDescriptor descriptor) {
    return CpuKernels.bind(function, descriptor);
  }
}
