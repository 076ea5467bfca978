package kiln.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static kiln.bindings.cuda.NcclConstants.UNIQUE_ID_BYTES;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** By what the ranks of a communicator find each other: one of them makes it, and gives it to the others by other means. */
public final class NcclId {
  /** Size of {@link #bytes}. */
  public static final int BYTES = UNIQUE_ID_BYTES;

  private final byte[] bytes;

  /**
   * @param bytes those of an id of another rank
   */
  public NcclId(byte[] bytes) {
    if (bytes.length != UNIQUE_ID_BYTES) {
      throw new IllegalArgumentException("found " + bytes.length + " bytes, expected " + UNIQUE_ID_BYTES);
    }
    this.bytes = bytes.clone();
  }

  /**
   * A new one. The process that makes it listens for the others, at an address of the interface that {@code NCCL_SOCKET_IFNAME}
   * names.
   *
   * @throws kiln.bindings.UserException if there is no NCCL
   */
  public static NcclId create() {
    CudaLibraries.require(CudaLibrary.NCCL);
    try (Arena call = Arena.ofConfined()) {
      MemorySegment result = call.allocate(UNIQUE_ID_BYTES);
      NcclFunctions.GET_UNIQUE_ID.call(result);
      return new NcclId(result.toArray(JAVA_BYTE));
    }
  }

  public byte[] bytes() {
    return bytes.clone();
  }

  MemorySegment in(Arena arena) {
    return arena.allocateFrom(JAVA_BYTE, bytes);
  }
}
