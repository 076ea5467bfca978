package kiln.model.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import kiln.bindings.DeviceKernel;
import kiln.bindings.DeviceKernelImage;
import kiln.bindings.DeviceKernels;
import kiln.bindings.KernelCall;
import kiln.bindings.NativeException;
import kiln.bindings.cuda.CublasLtHandle;
import kiln.bindings.cuda.CublasLtMatmul;
import kiln.bindings.cuda.CublasLtProduct;
import kiln.bindings.cuda.CudaContext;
import kiln.bindings.cuda.CudaDevice;
import kiln.bindings.cuda.CudaKernel;
import kiln.bindings.cuda.CudaMemoryPool;
import kiln.bindings.cuda.CudaModule;
import kiln.bindings.cuda.CudaStream;
import kiln.bindings.cuda.CudnnGraph;
import kiln.bindings.cuda.CudnnHandle;
import kiln.bindings.cuda.CudnnNumerics;
import kiln.bindings.cuda.CudnnPlan;
import kiln.bindings.cuda.CudnnTarget;
import kiln.bindings.cuda.DeviceMemory;
import kiln.bindings.cuda.DeviceRegion;

/**
 * A GPU at work: its stream, Kiln's kernels on it, the libraries, and memory for what launches keep. For one thread at a time:
 * the one that opened it, or one that has called {@link #makeCurrent}. Whoever opens it closes it, after the launches.
 */
public final class CudaEngine implements DeviceKernels, AutoCloseable {
  /** What cuBLASLt is given as scratch memory; all products share it, since one stream runs them. */
  private static final long PRODUCT_WORKSPACE = 32L << 20;

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final CudaContext context;
  private final CudaStream stream;
  private final CudaMemoryPool pool;
  private final CudaKernel[] kernels = new CudaKernel[DeviceKernel.values().length];
  private final CublasLtHandle cublas;
  private final CudnnHandle cudnn;
  private final CudnnPlans plans;
  private final Fastest fastest = new Fastest(this);
  private boolean autotunes;
  private final BadIndices badIndices;
  private final DeviceMemory productWorkspace;
  private final Map<ByteBuffer, MemorySegment> constants = new HashMap<>();

  /**
   * With the kernels of {@link DeviceKernelImage}.
   *
   * @param device its number in this process, from 0
   * @throws kiln.bindings.UserException if there is no such device, a library is missing, or the build has no kernels
   */
  public CudaEngine(int device) {
    this(device, DeviceKernelImage.read());
  }

  /**
   * @param image the kernels, as {@link CudaModule} takes them
   * @throws kiln.bindings.UserException if there is no such device or a library is missing
   */
  public CudaEngine(int device, byte[] image) {
    try {
      context = opened(new CudaContext(CudaDevice.of(device)));
      stream = opened(new CudaStream());
      pool = opened(new CudaMemoryPool(context));
      CudaModule module = opened(new CudaModule(image));
      for (DeviceKernel kernel : DeviceKernel.values()) {
        kernels[kernel.ordinal()] = module.kernel(kernel.symbol());
      }
      cublas = opened(new CublasLtHandle());
      cudnn = opened(new CudnnHandle(stream));
      plans = opened(new CudnnPlans(opened(CudnnTarget.of(cudnn))));
      badIndices = opened(new BadIndices(pool, stream));
      productWorkspace = allocate("scratch of products", PRODUCT_WORKSPACE).memory();
    } catch (RuntimeException | Error failure) {
      closeAll(failure);
      throw failure;
    }
  }

  private <T extends AutoCloseable> T opened(T resource) {
    opened.push(resource);
    return resource;
  }

  /** A region that lives as long as this. */
  private DeviceRegion allocate(String name, long bytes) {
    return opened(pool.allocate(name, bytes, stream));
  }

  /** Lets the calling thread work with this. */
  public void makeCurrent() {
    context.makeCurrent();
  }

  public CudaContext context() {
    return context;
  }

  public CudaDevice device() {
    return context.device();
  }

  /** Where all launches are queued. */
  public CudaStream stream() {
    return stream;
  }

  /** Where memory comes from. */
  public CudaMemoryPool pool() {
    return pool;
  }

  CublasLtHandle cublas() {
    return cublas;
  }

  CudnnHandle cudnn() {
    return cudnn;
  }

  /**
   * A plan of cuDNN's that gives the same bits at every run: the best by its estimate or, with {@link #autotune}, the fastest of
   * several. Empty if it has none.
   *
   * @param what all that the graph depends on, with equals
   * @param maxWorkspace bytes of scratch memory that it may need
   */
  Optional<CudnnPlan> plan(Object what, Supplier<CudnnGraph> graph, CudnnNumerics numerics, long maxWorkspace) {
    return autotunes
        ? plans.plan(what, graph, numerics, maxWorkspace, Fastest.CANDIDATES, fastest::plan)
        : plans.plan(what, graph, numerics, maxWorkspace, 1, (made, found) -> found.getFirst());
  }

  /** Chooses, with {@link #autotune}, the algorithm of a product that can be run now. */
  void choose(CublasLtProduct product, CublasLtMatmul matmul) {
    if (autotunes) {
      matmul.choose(fastest.algorithm(product, matmul));
    }
  }

  /** As {@link CudaBackend#autotune}. */
  void autotune(boolean on) {
    autotunes = on;
  }

  DeviceMemory productWorkspace() {
    return productWorkspace;
  }

  @Override
  public void launch(KernelCall call) {
    kernels[call.kernel().ordinal()].launch(call, stream);
  }

  /** As the interface says; the same bytes get the same place. */
  @Override
  public MemorySegment constant(MemorySegment data) {
    return constants.computeIfAbsent(
        ByteBuffer.wrap(data.toArray(JAVA_BYTE)),
        bytes -> {
          DeviceMemory place = allocate("a constant", Math.max(1, data.byteSize())).memory();
          DeviceMemory used = place.slice(0, data.byteSize());
          try (Arena here = Arena.ofConfined()) {
            stream.copyToDevice(here.allocate(data.byteSize(), Long.BYTES).copyFrom(data), used);
          }
          return used.segment();
        });
  }

  @Override
  public MemorySegment badIndex(String expected) {
    return badIndices.place(expected);
  }

  @Override
  public void checkIndices() {
    badIndices.check();
  }

  private void closeAll(Throwable failure) {
    for (AutoCloseable resource : opened) {
      try {
        resource.close();
      } catch (Exception e) {
        failure.addSuppressed(e);
      }
    }
  }

  @Override
  public void close() {
    IllegalStateException failure = new IllegalStateException("CUDA device " + device().index() + " was not closed properly");
    try {
      context.synchronize(); // nothing may be at work on what is closed
    } catch (NativeException e) {
      failure.addSuppressed(e);
    }
    closeAll(failure);
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
  }
}
