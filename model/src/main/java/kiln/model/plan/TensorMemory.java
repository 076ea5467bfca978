package kiln.model.plan;

import java.lang.foreign.MemorySegment;
import kiln.bindings.Region;

/**
 * Memory in which a backend's tensors lie: that of this process, or a device's. Segments of a device can be sliced and bound like
 * any other, but only the backend's kernels and {@link #copy} get at what is in them.
 */
public interface TensorMemory {
  /** The memory of this process. */
  TensorMemory HOST = new HostMemory();

  /** Whether Java and the kernels of processors can read it. */
  boolean isHost();

  /** Whether that lies here. */
  boolean holds(MemorySegment segment);

  /**
   * A region of zeros.
   *
   * @throws OutOfMemoryError if the system does not give that much
   * @throws kiln.bindings.cuda.DeviceOutOfMemoryException if a device does not
   */
  Region allocate(String name, long bytes);

  /**
   * Copies after everything that has been launched, and returns when that is done. Either side may be here or in the memory of this
   * process.
   */
  void copy(MemorySegment from, MemorySegment to);

  /** Sets every byte, after what has been launched and before what will be. */
  void fill(MemorySegment place, byte value);

  /**
   * A place here with what is in {@code constant}, memory of this process that does not change until {@link #release}. Who asks for
   * the same memory again gets the same place.
   */
  MemorySegment keep(MemorySegment constant);

  /** Takes back one {@link #keep}. */
  void release(MemorySegment constant);

  /** Waits for everything that has been launched. */
  void synchronize();
}
