package kiln.bindings.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/**
 * Bytes of a device's memory, by address. As a {@link #segment} they can be sliced and measured like any other memory, but neither
 * Java nor a kernel of the processor can touch them: the segment belongs to a thread that has ended, so that whoever tries gets a
 * {@link WrongThreadException} instead of a crash.
 *
 * @param address CUdeviceptr
 * @param byteSize how many there are
 */
public record DeviceMemory(long address, long byteSize) {
  private static final MemorySegment UNTOUCHABLE = ofAThreadThatHasEnded();

  public DeviceMemory {
    if (byteSize < 0) {
      throw new IllegalArgumentException("byteSize=" + byteSize + ", expected 0 or more");
    }
  }

  private static MemorySegment ofAThreadThatHasEnded() {
    // Only that thread can make a segment of its own. No lambda: it would be a method of this class, which nobody else can call
    // before this class is initialised.
    FutureTask<MemorySegment> made = new FutureTask<>(new Maker());
    try {
      Thread.ofPlatform().start(made).join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
    return made.resultNow();
  }

  /** Of all addresses. */
  private static final class Maker implements Callable<MemorySegment> {
    @Override
    public MemorySegment call() {
      return MemorySegment.NULL.reinterpret(Long.MAX_VALUE, Arena.ofConfined(), null);
    }
  }

  /** Whether that is memory of a device. */
  public static boolean isDevice(MemorySegment segment) {
    return segment.scope().equals(UNTOUCHABLE.scope());
  }

  /**
   * What {@link #segment}, or a slice of it, stands for.
   *
   * @throws IllegalArgumentException if it is no memory of a device
   */
  public static DeviceMemory of(MemorySegment segment) {
    if (!isDevice(segment)) {
      throw new IllegalArgumentException("expected memory of a device, found " + segment);
    }
    return new DeviceMemory(segment.address(), segment.byteSize());
  }

  /**
   * @throws IndexOutOfBoundsException if it is not within this memory
   */
  public DeviceMemory slice(long offset, long bytes) {
    Objects.checkFromIndexSize(offset, bytes, byteSize);
    return new DeviceMemory(address + offset, bytes);
  }

  /** The same bytes, to be kept where segments are and passed on; never to be read. */
  public MemorySegment segment() {
    return UNTOUCHABLE.asSlice(address, byteSize);
  }

  /** The address for libraries. */
  MemorySegment pointer() {
    return MemorySegment.ofAddress(address);
  }

  @Override
  public String toString() {
    return byteSize + " bytes at device address 0x" + Long.toHexString(address);
  }
}
