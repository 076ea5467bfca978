package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static kiln.bindings.cuda.CudaConstants.CU_JIT_ERROR_LOG_BUFFER;
import static kiln.bindings.cuda.CudaConstants.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import kiln.bindings.NativeException;

/** Kernels loaded on a device: the image is a fatbin, a cubin or PTX. Whoever opens it closes it. */
public final class CudaModule implements AutoCloseable {
  private static final int LOG_BYTES = 8192;

  private final MemorySegment module;

  /**
   * @throws NativeException if the image has nothing for this device, with what the driver's compiler says
   */
  public CudaModule(byte[] image) {
    try (Arena call = Arena.ofConfined()) {
      // Text (PTX) has to end with a zero.
      MemorySegment data = call.allocate(image.length + 1L, Long.BYTES);
      MemorySegment.copy(image, 0, data, JAVA_BYTE, 0, image.length);
      MemorySegment log = call.allocate(LOG_BYTES);
      MemorySegment options = call.allocateFrom(JAVA_INT, CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES);
      MemorySegment values = call.allocateFrom(JAVA_LONG, log.address(), LOG_BYTES);
      MemorySegment result = call.allocate(ADDRESS);
      try {
        CudaFunctions.MODULE_LOAD_DATA_EX.call(result, data, 2, options, values);
      } catch (NativeException e) {
        String said = log.getString(0).strip();
        if (said.isEmpty()) {
          throw e;
        }
        throw new NativeException(e.library(), e.function(), e.status(), e.text() + ": " + said);
      }
      module = result.get(ADDRESS, 0);
    }
  }

  /**
   * @throws NativeException if it has no such kernel
   */
  public CudaKernel kernel(String name) {
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = call.allocate(ADDRESS);
      try {
        CudaFunctions.MODULE_GET_FUNCTION.call(result, module, call.allocateFrom(name));
      } catch (NativeException e) {
        throw new NativeException(e.library(), e.function(), e.status(), e.text() + ": " + name);
      }
      return new CudaKernel(name, result.get(ADDRESS, 0));
    }
  }

  @Override
  public void close() {
    CudaFunctions.MODULE_UNLOAD.call(module);
  }
}
