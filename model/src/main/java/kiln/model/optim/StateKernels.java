package kiln.model.optim;

import java.lang.foreign.MemorySegment;

/** Passes over what training changes: flat float32 regions, or the same slice of several. */
public interface StateKernels {
  /** On the processor. */
  StateKernels CPU = new CpuStateKernels();

  /**
   * What one AdamW step multiplies and adds.
   *
   * @param gradientScale what gradients are multiplied by first
   * @param decay what weights are multiplied by, 1 − learning rate · weight decay
   * @param stepSize learning rate / (1 − β₁ᵗ)
   * @param rootCorrection √(1 − β₂ᵗ)
   * @param averageRate share of its distance from the weights that the average moves
   */
  record AdamWNumbers(
      float gradientScale,
      float beta1,
      float beta2,
      float epsilon,
      float decay,
      float stepSize,
      float rootCorrection,
      float averageRate) {}

  /** Weights and moments in place; in the same pass the average and the bfloat16 copy, if there are any. */
  void adamW(OptimizedRegions regions, AdamWNumbers numbers);

  /** average −= rate · (average − weights). */
  void ema(MemorySegment average, MemorySegment weights, float rate);

  /** Σ x², in double, in an order that depends on the size only. */
  double sumOfSquares(MemorySegment x);

  /** Rounds float32 to bfloat16, half as many bytes. */
  void narrow(MemorySegment from, MemorySegment to);
}
