package kiln.bindings;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Single kernels on the shim, between guards that show writes and reads outside of tensors. */
final class CudaRun implements AutoCloseable {
  private static final int GUARD_BYTES = 64;
  private static final byte GUARD = (byte) 0xff; // NaN, wherever it is read

  private final Arena arena = Arena.ofConfined();
  private final CudaShim shim = new CudaShim();
  private final List<MemorySegment> guarded = new ArrayList<>();

  /** Memory that starts {@code offset} bytes behind a multiple of 64, with guards before and after. */
  MemorySegment allocate(long bytes, int offset) {
    MemorySegment all = arena.allocate(offset + bytes + 2 * GUARD_BYTES, 64);
    all.fill(GUARD);
    guarded.add(all);
    MemorySegment inside = all.asSlice(GUARD_BYTES + offset, bytes);
    inside.fill((byte) 0);
    return inside;
  }

  MemorySegment floats(int offset, float... values) {
    return allocate(values.length * (long) Float.BYTES, offset).copyFrom(MemorySegment.ofArray(values));
  }

  static float[] normal(int n, long seed) {
    float[] values = new float[n];
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Launches with threads in the usual order and in few blocks, or in the reverse order. */
  void launch(boolean reversed, DeviceKernel kernel, long items, Object... values) {
    shim.setDescending(reversed);
    shim.setMaxBlocks(reversed ? Integer.MAX_VALUE : 2);
    shim.launch(new KernelCall(arena, kernel, items, values));
  }

  /**
   * @throws AssertionError if a kernel wrote over a guard
   */
  void checkGuards() {
    for (MemorySegment all : guarded) {
      byte[] bytes = all.toArray(ValueLayout.JAVA_BYTE);
      byte[] guard = new byte[GUARD_BYTES];
      Arrays.fill(guard, GUARD);
      boolean intact = Arrays.equals(guard, Arrays.copyOf(bytes, GUARD_BYTES));
      intact = intact && Arrays.equals(guard, Arrays.copyOfRange(bytes, bytes.length - GUARD_BYTES, bytes.length));
      if (!intact) {
        throw new AssertionError("a kernel wrote outside a tensor of " + (bytes.length - 2 * GUARD_BYTES) + " bytes");
      }
    }
  }

  @Override
  public void close() {
    checkGuards();
    shim.close();
    arena.close();
  }
}
