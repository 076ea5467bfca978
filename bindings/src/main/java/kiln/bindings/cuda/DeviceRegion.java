package kiln.bindings.cuda;

import kiln.bindings.InFlight;

/**
 * A block of device memory with an owner, from a {@link CudaMemoryPool}. What is in it at first is not known. Like {@link
 * kiln.bindings.Region}, it refuses to close while something is at work on it that outlives the call that started it.
 */
public final class DeviceRegion implements AutoCloseable {
  private final String name;
  private final DeviceMemory memory;
  private final CudaStream stream;
  private final InFlight inFlight = new InFlight();

  DeviceRegion(String name, DeviceMemory memory, CudaStream stream) {
    this.name = name;
    this.memory = memory;
    this.stream = stream;
  }

  public String name() {
    return name;
  }

  public DeviceMemory memory() {
    return memory;
  }

  public DeviceMemory slice(long offset, long bytes) {
    return memory.slice(offset, bytes);
  }

  public long byteSize() {
    return memory.byteSize();
  }

  /** Marks the start of work on another stream than the region's own. */
  public void acquire() {
    inFlight.acquire();
  }

  /** Marks the end of what {@link #acquire} started. */
  public void release() {
    inFlight.release();
  }

  /**
   * Gives the memory back to its pool when what is queued in the stream that it was made for is done.
   *
   * @throws IllegalStateException if other work on it is still in flight
   */
  @Override
  public void close() {
    inFlight.requireNone(name);
    CudaFunctions.MEM_FREE_ASYNC.call(memory.address(), stream.handle());
  }
}
