package kiln.launcher.backend;

import java.util.ArrayDeque;
import java.util.Deque;
import kiln.bindings.cuda.CublasLtHandle;
import kiln.bindings.cuda.CublasLtMatmul;
import kiln.bindings.cuda.CublasLtProduct;
import kiln.bindings.cuda.CudaContext;
import kiln.bindings.cuda.CudaDevice;
import kiln.bindings.cuda.CudaEvent;
import kiln.bindings.cuda.CudaMemoryPool;
import kiln.bindings.cuda.CudaStream;
import kiln.bindings.cuda.CudaType;
import kiln.bindings.cuda.DeviceMemory;
import kiln.bindings.cuda.DeviceRegion;

/** How fast a GPU multiplies, measured: the fastest of several runs of cuBLASLt's product of two square matrices. */
public final class DeviceProducts {
  private static final int SIDE = 8192;
  private static final int RUNS = 10;
  private static final long WORKSPACE = 32L << 20; // what NVIDIA advises for Hopper
  private static final double MILLI = 1e-3;

  private DeviceProducts() {}

  /**
   * Floating-point operations per second.
   *
   * @param inBf16 whether factors and product are bfloat16; else float32, without TF32
   */
  public static double measure(int device, boolean inBf16) {
    return measure(device, inBf16, SIDE);
  }

  /**
   * As {@link #measure(int, boolean)}, of matrices of other sizes.
   *
   * @param side their rows and columns
   */
  public static double measure(int device, boolean inBf16, int side) {
    Deque<AutoCloseable> open = new ArrayDeque<>();
    try {
      CudaContext context = opened(open, new CudaContext(CudaDevice.of(device)));
      CudaStream stream = opened(open, new CudaStream());
      CudaMemoryPool pool = opened(open, new CudaMemoryPool(context));
      CublasLtHandle handle = opened(open, new CublasLtHandle());
      CudaType type = inBf16 ? CudaType.BF16 : CudaType.F32;
      DeviceMemory[] matrices = new DeviceMemory[3];
      for (int i = 0; i < matrices.length; i++) {
        DeviceRegion region = opened(open, pool.allocate("product", (long) side * side * type.bytes(), stream));
        matrices[i] = region.memory();
        // Not zeros, which take less power and so run at a higher clock: every float32 is 0.75, bfloat16 0.75 and 0.
        stream.fillInts(region.memory(), Float.floatToRawIntBits(0.75f));
      }
      CublasLtProduct product = CublasLtProduct.of(side, side, side, false, true, type);
      CublasLtMatmul.Operands operands = new CublasLtMatmul.Operands(matrices[0], matrices[1], matrices[2], null, null);
      CublasLtMatmul matmul = opened(open, new CublasLtMatmul(handle, product, operands, WORKSPACE));
      DeviceRegion workspace = opened(open, pool.allocate("scratch", Math.max(1, matmul.workspaceBytes()), stream));
      CudaEvent start = opened(open, CudaEvent.forTime());
      CudaEvent end = opened(open, CudaEvent.forTime());
      float best = Float.POSITIVE_INFINITY;
      for (int run = 0; run <= RUNS; run++) { // the first one only warms up
        start.record(stream);
        matmul.run(workspace.memory(), stream);
        end.record(stream);
        end.synchronize();
        best = run == 0 ? best : Math.min(best, end.millisecondsSince(start));
      }
      return 2.0 * side * side * side / (best * MILLI);
    } finally {
      closeAll(open);
    }
  }

  private static <T extends AutoCloseable> T opened(Deque<AutoCloseable> open, T one) {
    open.push(one);
    return one;
  }

  private static void closeAll(Deque<AutoCloseable> open) {
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e); // none of these throws others
      }
    }
  }
}
