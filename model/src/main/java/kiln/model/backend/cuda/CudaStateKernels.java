package kiln.model.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import kiln.bindings.DeviceKernel;
import kiln.bindings.KernelCall;
import kiln.bindings.cuda.DeviceRegion;
import kiln.bindings.cuda.PinnedMemory;
import kiln.model.optim.OptimizedRegions;
import kiln.model.optim.StateKernels;

/**
 * The optimizer's passes over a device's memory, queued in the engine's stream. What changes from step to step lies in device
 * memory, so that a pass may be recorded into a graph: {@link #set} before each replay. Whoever makes one closes it.
 */
public final class CudaStateKernels implements StateKernels, AutoCloseable {
  private static final int SETTINGS = 8;

  /** Pieces that a sum of squares is made of, whatever its length. */
  private static final int PIECES = 1024;

  private final CudaEngine engine;
  private final DeviceRegion settings;
  private final DeviceRegion partialSums;
  private final DeviceRegion sum;
  private final PinnedMemory found = PinnedMemory.allocate(Double.BYTES);

  /**
   * @param engine outlives this
   */
  public CudaStateKernels(CudaEngine engine) {
    this.engine = engine;
    settings = allocate("numbers of AdamW", SETTINGS * Float.BYTES);
    partialSums = allocate("sums of squares", PIECES * Double.BYTES);
    sum = allocate("a sum of squares", Double.BYTES);
  }

  private DeviceRegion allocate(String name, long bytes) {
    return engine.pool().allocate(name, bytes, engine.stream());
  }

  @Override
  public void adamW(OptimizedRegions regions, AdamWNumbers numbers) {
    set(numbers);
    adamW(regions);
  }

  /** The numbers of every {@link #adamW(OptimizedRegions)} that is queued, or replayed, from now on. */
  public void set(AdamWNumbers numbers) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment values =
          call.allocateFrom(
              JAVA_FLOAT, numbers.gradientScale(), numbers.beta1(), numbers.beta2(), numbers.epsilon(), numbers.decay(),
              numbers.stepSize(), numbers.rootCorrection(), numbers.averageRate());
      engine.stream().copyToDevice(values, settings.memory()); // not pinned, so it has been read when this returns
    }
  }

  /** As {@link #adamW(OptimizedRegions, AdamWNumbers)}, with the numbers that were {@link #set}. */
  public void adamW(OptimizedRegions regions) {
    long n = floats(regions.weights());
    launch(
        DeviceKernel.ADAMW_F32, n, regions.weights(), regions.gradients(), regions.firstMoment(), regions.secondMoment(),
        regions.average(), regions.narrowWeights(), n, settings.memory().segment());
  }

  @Override
  public void ema(MemorySegment average, MemorySegment weights, float rate) {
    long n = floats(average);
    launch(DeviceKernel.EMA_F32, n, average, weights, n, rate);
  }

  /** Waits for the device. */
  @Override
  public double sumOfSquares(MemorySegment x) {
    queueSumOfSquares(x, sum.memory().segment());
    engine.stream().copyToHost(sum.memory(), found.segment());
    engine.stream().synchronize();
    return found.segment().get(JAVA_DOUBLE, 0);
  }

  /** Σ x² of a float32 region to {@code result}, 8 bytes of device memory; nobody waits. */
  public void queueSumOfSquares(MemorySegment x, MemorySegment result) {
    launch(DeviceKernel.SUM_OF_SQUARES_F32, PIECES, x, partialSums.memory().segment(), floats(x));
    launch(DeviceKernel.SUM_OF_SQUARES_TOTAL, 1, partialSums.memory().segment(), result);
  }

  @Override
  public void narrow(MemorySegment from, MemorySegment to) {
    launch(DeviceKernel.NARROW, floats(from), from, to, floats(from));
  }

  /** bfloat16 to float32, twice as many bytes. */
  public void widen(MemorySegment from, MemorySegment to) {
    launch(DeviceKernel.WIDEN, floats(to), from, to, floats(to));
  }

  private static long floats(MemorySegment region) {
    return region.byteSize() / Float.BYTES;
  }

  private void launch(DeviceKernel kernel, long items, Object... arguments) {
    try (Arena call = Arena.ofConfined()) {
      engine.launch(new KernelCall(call, kernel, items, arguments));
    }
  }

  @Override
  public void close() {
    settings.close();
    partialSums.close();
    sum.close();
    found.close();
  }
}
