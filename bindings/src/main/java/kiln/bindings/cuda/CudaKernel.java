package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static kiln.bindings.NativeLibraries.unexpected;
import static kiln.bindings.cuda.CudaConstants.CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES;
import static kiln.bindings.cuda.CudaConstants.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
import static kiln.bindings.cuda.CudaConstants.CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK;
import static kiln.bindings.cuda.CudaConstants.CU_FUNC_ATTRIBUTE_NUM_REGS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import kiln.bindings.DeviceKernel;
import kiln.bindings.KernelCall;

/** A kernel of a {@link CudaModule}, which must outlive it. */
public final class CudaKernel {
  private final String name;
  private final MemorySegment function;

  CudaKernel(String name, MemorySegment function) {
    this.name = name;
    this.function = function;
  }

  public String name() {
    return name;
  }

  MemorySegment handle() {
    return function;
  }

  /** Registers that a thread has. */
  public int numRegisters() {
    return attribute(CU_FUNC_ATTRIBUTE_NUM_REGS);
  }

  /** Bytes of a thread's local memory: not 0 where registers did not suffice. */
  public int localBytes() {
    return attribute(CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES);
  }

  /** Threads that a block can have at most. */
  public int maxThreads() {
    return attribute(CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
  }

  /** Lets launches ask for as much dynamic shared memory, above the 48 KiB that they can have anyway. */
  public void allowSharedBytes(int bytes) {
    CudaFunctions.FUNC_SET_ATTRIBUTE.call(function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes);
  }

  /** Blocks that one multiprocessor runs at a time. */
  public int blocksPerMultiprocessor(int threads, long sharedBytes) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = call.allocate(JAVA_INT);
      CudaFunctions.OCCUPANCY_MAX_ACTIVE_BLOCKS_PER_MULTIPROCESSOR.call(result, function, threads, sharedBytes);
      return result.get(JAVA_INT, 0);
    }
  }

  /** Queues a call of this kernel, one of Kiln's own. The arguments are copied, and nothing is allocated. */
  public void launch(KernelCall call, CudaStream stream) {
    try {
      int status =
          (int)
              CudaFunctions.LAUNCH_KERNEL.handle()
                  .invokeExact(
                      function, call.numBlocks(), 1, 1, DeviceKernel.THREADS, 1, 1, 0, stream.handle(), call.arguments(),
                      MemorySegment.NULL);
      if (status != CudaConstants.CUDA_SUCCESS) {
        throw CudaFunctions.LAUNCH_KERNEL.failure(status, name);
      }
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  private int attribute(int attribute) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment value = call.allocate(JAVA_INT);
      CudaFunctions.FUNC_GET_ATTRIBUTE.call(value, attribute, function);
      return value.get(JAVA_INT, 0);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
