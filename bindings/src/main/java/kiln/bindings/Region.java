package kiln.bindings;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A block of native memory with an owner. Aligned to 64 bytes at least, zero at first; what is never written takes no room. A
 * region that a collective is working on (see {@link #acquire}) refuses to close, because the foreign-function interface keeps
 * memory alive only during a call.
 */
public final class Region implements AutoCloseable {
  private final String name;
  private final MemorySegment segment;
  private final Runnable free;
  private final InFlight inFlight = new InFlight();

  private Region(String name, MemorySegment segment, Runnable free) {
    this.name = name;
    this.segment = segment;
    this.free = free;
  }

  /**
   * @throws OutOfMemoryError if the system does not give that much
   */
  public static Region allocate(String name, long bytes) {
    Arena arena = Arena.ofShared();
    return new Region(name, SystemMemory.allocate(name, bytes, arena), arena::close);
  }

  /**
   * Memory that somebody else has allocated, a device's for example.
   *
   * @param free gives it back
   */
  public static Region of(String name, MemorySegment segment, Runnable free) {
    return new Region(name, segment, free);
  }

  /**
   * Addresses for {@code bytes} bytes, of which only a part will be used at a time: the system sets nothing aside for the others,
   * and {@link #giveBack} takes effect to the page.
   *
   * @throws OutOfMemoryError if the system has not that many addresses
   */
  public static Region sparse(String name, long bytes) {
    Arena arena = Arena.ofShared();
    return new Region(name, SystemMemory.reserve(name, bytes, arena), arena::close);
  }

  /**
   * Gives back the memory of the pages that lie wholly in that slice: they are zero when they are next read, and take no room until
   * then. The addresses stay. Nobody may use them meanwhile.
   */
  public void giveBack(long offset, long bytes) {
    SystemMemory.giveBack(slice(offset, bytes));
  }

  public String name() {
    return name;
  }

  public MemorySegment segment() {
    return segment;
  }

  public MemorySegment slice(long offset, long bytes) {
    return segment.asSlice(offset, bytes);
  }

  public long byteSize() {
    return segment.byteSize();
  }

  /** Marks the start of work that outlives the call that started it. */
  public void acquire() {
    inFlight.acquire();
  }

  /** Marks the end of what {@link #acquire} started. */
  public void release() {
    inFlight.release();
  }

  /**
   * @throws IllegalStateException if work on it is still in flight
   */
  @Override
  public void close() {
    inFlight.requireNone(name);
    free.run();
  }
}
