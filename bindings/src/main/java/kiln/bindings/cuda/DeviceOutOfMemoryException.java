package kiln.bindings.cuda;

/** A region that the device has no room for: what it was for, its size, and what there is. */
public final class DeviceOutOfMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final long bytes;
  private final long free;
  private final long total;

  DeviceOutOfMemoryException(String name, long bytes, long used, CudaContext.Memory memory, Throwable cause) {
    super(
        "the device has no room for " + name + ": wanted " + bytes + " bytes beside the " + used + " in use, found "
            + memory.free() + " of " + memory.total() + " free",
        cause);
    this.bytes = bytes;
    this.free = memory.free();
    this.total = memory.total();
  }

  /** How many bytes were wanted. */
  public long bytes() {
    return bytes;
  }

  /** How many bytes of the device nobody had. */
  public long free() {
    return free;
  }

  /** All bytes of the device. */
  public long total() {
    return total;
  }
}
