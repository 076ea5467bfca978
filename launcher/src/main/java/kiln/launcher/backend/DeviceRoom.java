package kiln.launcher.backend;

import kiln.bindings.cuda.CudaContext;
import kiln.bindings.cuda.CudaDevice;

/** A GPU's memory, and what of it no plan can have. */
public final class DeviceRoom {
  /** What a process takes of a GPU to use it at all; set aside, not measured. */
  public static final long CONTEXT = 600_000_000;

  /** What cuBLASLt, cuDNN and the kernels take of a GPU once they are used: code and scratch memory; set aside, not measured. */
  public static final long LIBRARIES = 400_000_000;

  private DeviceRoom() {}

  /**
   * Bytes of a GPU's memory that nobody has, beside what a process needs there to use it at all. To be asked before the backend is
   * opened.
   */
  public static long freeBytes(int device) {
    try (CudaContext context = new CudaContext(CudaDevice.of(device))) {
      return context.memory().free();
    }
  }
}
