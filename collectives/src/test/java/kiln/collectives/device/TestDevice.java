package kiln.collectives.device;

import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import kiln.bindings.CudaShim;
import kiln.bindings.DeviceKernels;
import kiln.bindings.KernelCall;
import kiln.bindings.Region;
import kiln.bindings.cuda.CudaContext;
import kiln.bindings.cuda.CudaDevice;
import kiln.bindings.cuda.CudaLibrarySearch;
import kiln.bindings.cuda.CudaMemoryPool;
import kiln.bindings.cuda.CudaStream;
import kiln.bindings.cuda.DeviceMemory;
import kiln.bindings.cuda.DeviceQueue;
import kiln.bindings.cuda.DeviceRegion;
import org.junit.jupiter.api.Assumptions;

/** A rank's device of the driver for tests (native/fake_cuda), whose memory is memory of this process that only copies reach. */
public final class TestDevice implements AutoCloseable {
  private final CudaContext context = new CudaContext(CudaDevice.of(0));
  private final CudaStream stream = new CudaStream();
  private final CudaMemoryPool pool = new CudaMemoryPool(context);
  private CudaShim shim;

  /** Skips {@code test}, aloud, where the driver was not built. */
  public static void assume(Class<?> test) {
    if (!Files.exists(Path.of(System.getProperty(CudaLibrarySearch.PROPERTY, "none"), "libcuda.so.1"))) {
      System.err.println("SKIPPED: " + test.getSimpleName() + ": built without cuda.h, so there is no driver for tests");
      Assumptions.abort("no CUDA driver for tests");
    }
  }

  public DeviceQueue queue() {
    return new DeviceQueue(context, stream, pool, new Kernels());
  }

  /** Kernels of native/cuda on the processor, in the order of the stream's work. */
  private final class Kernels implements DeviceKernels {
    private CudaShim here() {
      shim = shim == null ? new CudaShim() : shim;
      return shim;
    }

    @Override
    public void launch(KernelCall call) {
      stream.synchronize();
      here().launch(call);
    }

    @Override
    public MemorySegment constant(MemorySegment data) {
      return here().constant(data);
    }

    @Override
    public MemorySegment badIndex(String expected) {
      return here().badIndex(expected);
    }

    @Override
    public void checkIndices() {
      here().checkIndices();
    }
  }

  /** Memory of the device. */
  public Region allocate(String name, long bytes) {
    context.makeCurrent();
    DeviceRegion region = pool.allocate(name, Math.max(1, bytes), stream);
    return Region.of(name, region.slice(0, bytes).segment(), region::close);
  }

  /** After what has been launched. */
  public void write(MemorySegment host, MemorySegment device) {
    if (host.byteSize() > 0) {
      stream.copyToDevice(host, DeviceMemory.of(device));
    }
  }

  /** After what has been launched, and returns when it is done. */
  public void read(MemorySegment device, MemorySegment host) {
    if (host.byteSize() > 0) {
      stream.copyToHost(DeviceMemory.of(device), host);
    }
    stream.synchronize();
  }

  @Override
  public void close() {
    context.makeCurrent();
    stream.synchronize();
    pool.close();
    stream.close();
    if (shim != null) {
      shim.close();
    }
    context.close();
  }
}
