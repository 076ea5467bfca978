package kiln.model.optim;

import java.lang.foreign.MemorySegment;
import kiln.bindings.ElementwiseKernels;
import kiln.bindings.OptimizerKernels;

/** The passes of {@code native/cpu}. */
final class CpuStateKernels implements StateKernels {
  @Override
  public void adamW(OptimizedRegions regions, AdamWNumbers numbers) {
    OptimizerKernels.adamW(
        regions.weights(),
        regions.gradients(),
        regions.firstMoment(),
        regions.secondMoment(),
        regions.average(),
        regions.narrowWeights(),
        numbers.gradientScale(),
        numbers.beta1(),
        numbers.beta2(),
        numbers.epsilon(),
        numbers.decay(),
        numbers.stepSize(),
        numbers.rootCorrection(),
        numbers.averageRate());
  }

  @Override
  public void ema(MemorySegment average, MemorySegment weights, float rate) {
    OptimizerKernels.ema(average, weights, rate);
  }

  @Override
  public double sumOfSquares(MemorySegment x) {
    return OptimizerKernels.sumOfSquares(x);
  }

  @Override
  public void narrow(MemorySegment from, MemorySegment to) {
    ElementwiseKernels.narrow(from, to, from.byteSize() / Float.BYTES);
  }
}
