package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static kiln.bindings.NativeLibraries.unexpected;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What a library says of a status. */
final class CudaStatus {
  private static final long MESSAGE_BYTES = 4096;

  private CudaStatus() {}

  /** The name of the status, and the library's explanation. */
  static String text(CudaLibrary library, int status) {
    try (Arena call = Arena.ofConfined()) {
      return switch (library) {
        case DRIVER -> driver(call, status);
        case CUBLASLT ->
            text((MemorySegment) CublasLtFunctions.GET_STATUS_NAME.handle().invokeExact(status)) + ": "
                + text((MemorySegment) CublasLtFunctions.GET_STATUS_STRING.handle().invokeExact(status));
        case CUDNN -> cudnn(call, status);
        case NCCL -> nccl(status);
        case NVRTC -> "status " + status;
      };
    } catch (Throwable thrown) {
      throw unexpected(thrown);
    }
  }

  /** A text of the library's own; empty if it is null. */
  static String text(MemorySegment address) {
    return address.address() == 0 ? "" : address.reinterpret(Long.MAX_VALUE).getString(0);
  }

  private static String driver(Arena call, int status) throws Throwable {
    MemorySegment name = call.allocate(ADDRESS);
    MemorySegment words = call.allocate(ADDRESS);
    // Of a status that it does not know, the driver says nothing.
    int hasName = (int) CudaFunctions.GET_ERROR_NAME.handle().invokeExact(status, name);
    int hasWords = (int) CudaFunctions.GET_ERROR_STRING.handle().invokeExact(status, words);
    if (hasName != CudaConstants.CUDA_SUCCESS || hasWords != CudaConstants.CUDA_SUCCESS) {
      return "unknown to the driver";
    }
    return text(name.get(ADDRESS, 0)) + ": " + text(words.get(ADDRESS, 0));
  }

  private static String cudnn(Arena call, int status) throws Throwable {
    String name = text((MemorySegment) CudnnFunctions.GET_ERROR_STRING.handle().invokeExact(status));
    MemorySegment message = call.allocate(MESSAGE_BYTES);
    CudnnFunctions.GET_LAST_ERROR_STRING.handle().invokeExact(message, MESSAGE_BYTES);
    return join(name, message.getString(0));
  }

  private static String nccl(int status) throws Throwable {
    String name = text((MemorySegment) NcclFunctions.GET_ERROR_STRING.handle().invokeExact(status));
    // The argument is not used by any version.
    return join(name, text((MemorySegment) NcclFunctions.GET_LAST_ERROR.handle().invokeExact(MemorySegment.NULL)));
  }

  private static String join(String name, String words) {
    String line = words.strip().replaceAll("\\s*\\R\\s*", "; ");
    return line.isEmpty() ? name : name + ": " + line;
  }
}
