package kiln.bench.gpu;

import kiln.bindings.cuda.CudaContext;
import kiln.bindings.cuda.CudaDevice;
import kiln.bindings.cuda.CudaEvent;
import kiln.bindings.cuda.CudaMemoryPool;
import kiln.bindings.cuda.CudaStream;
import kiln.bindings.cuda.DeviceRegion;
import kiln.launcher.backend.DeviceProducts;

/**
 * What a GPU can do at best.
 *
 * @param flops of cuBLASLt's product of two large square matrices, per second, measured
 * @param copiedBytes read plus written by a large copy in its memory, per second, measured
 * @param cardBytes that its memory moves per second, by its clock and its bus; 0 if the driver does not say
 */
public record DevicePeaks(double flops, double copiedBytes, double cardBytes) {
  /** Large enough to keep all of a GPU busy. */
  public static final int PRODUCT_SIDE = 8192;

  /** Far more than caches hold. */
  public static final long COPIED_BYTES = 1L << 30;

  private static final int RUNS = 10;
  private static final double MILLI = 1e-3;

  /**
   * Measures, with nothing else on the device.
   *
   * @param bf16 whether the product is one of bfloat16; else of float32, without TF32
   * @param side rows and columns of the matrices
   * @param bytes of the copy
   */
  public static DevicePeaks measure(int device, boolean bf16, int side, long bytes) {
    double flops = DeviceProducts.measure(device, bf16, side);
    return new DevicePeaks(flops, copy(device, bytes), CudaDevice.of(device).peakBytesPerSecond());
  }

  private static double copy(int device, long bytes) {
    try (CudaContext context = new CudaContext(CudaDevice.of(device));
        CudaStream stream = new CudaStream();
        CudaMemoryPool pool = new CudaMemoryPool(context);
        DeviceRegion from = pool.allocate("a copy's source", bytes, stream);
        DeviceRegion to = pool.allocate("a copy", bytes, stream);
        CudaEvent start = CudaEvent.forTime();
        CudaEvent end = CudaEvent.forTime()) {
      stream.fill(from.memory(), (byte) 1);
      double best = Double.POSITIVE_INFINITY;
      for (int run = 0; run <= RUNS; run++) { // the first one only warms up
        start.record(stream);
        stream.copy(from.memory(), to.memory());
        end.record(stream);
        end.synchronize();
        best = run == 0 ? best : Math.min(best, end.millisecondsSince(start) * MILLI);
      }
      return 2.0 * bytes / best;
    }
  }

  /** What shares of the bandwidth are of. */
  public double bytes() {
    return cardBytes > 0 ? cardBytes : copiedBytes;
  }

  /** Seconds that work takes at least: for its products or for its bytes, whichever is more. */
  public double least(double work, double moved) {
    return Math.max(work / flops, moved / bytes());
  }
}
