package kiln.bindings.cuda;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Bytes of a device's memory, by address. Java cannot read them: {@link #segment} has no length, so that a stray read throws.
 *
 * @param address CUdeviceptr
 * @param byteSize how many there are
 */
public record DeviceMemory(long address, long byteSize) {
  public DeviceMemory {
    if (byteSize < 0) {
      throw new IllegalArgumentException("byteSize=" + byteSize + ", expected 0 or more");
    }
  }

  /**
   * @throws IndexOutOfBoundsException if it is not within this memory
   */
  public DeviceMemory slice(long offset, long bytes) {
    Objects.checkFromIndexSize(offset, bytes, byteSize);
    return new DeviceMemory(address + offset, bytes);
  }

  /** The address for libraries. */
  public MemorySegment segment() {
    return MemorySegment.ofAddress(address);
  }

  @Override
  public String toString() {
    return byteSize + " bytes at device address 0x" + Long.toHexString(address);
  }
}
