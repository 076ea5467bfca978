package kiln.bindings;

import java.lang.foreign.MemorySegment;

/** A place where the kernels of {@code native/cuda} run, in the order in which they are launched. */
public interface DeviceKernels {
  /** Launches a kernel; it need not have ended when this returns. */
  void launch(KernelCall call);

  /** A copy of {@code data}, in memory of this machine, where kernels can read it as long as this is open. */
  MemorySegment constant(MemorySegment data);

  /**
   * A place of eight bytes for kernels that check indices: all bits are set until a kernel writes the position of the first bad
   * one there. From then on {@link #checkIndices} throws.
   *
   * @param expected what is said then: the operation and what it expected
   */
  MemorySegment badIndex(String expected);

  /**
   * Waits for the launches so far and looks at all places of {@link #badIndex}.
   *
   * @throws IndexOutOfBoundsException if a kernel found an index that it could not use
   */
  void checkIndices();
}
