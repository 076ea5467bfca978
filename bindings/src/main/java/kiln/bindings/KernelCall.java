package kiln.bindings;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A kernel with its grid and its arguments in native memory, ready to be launched any number of times; addresses may change
 * between launches.
 *
 * <pre>
 *   arguments → [ address of slot 0 | address of slot 1 | … ]    what cuLaunchKernel calls kernelParams
 *   slots       [ argument 0 | argument 1 | … ]                  16 bytes each, 96 for a structure
 * </pre>
 */
public final class KernelCall {
  private static final int SLOT_BYTES = 16;
  private static final int STRUCTURE_LONGS = 12;

  private final DeviceKernel kernel;
  private final int numBlocks;
  private final MemorySegment slots;
  private final MemorySegment arguments;

  /**
   * @param items how much work there is, in what the kernel counts
   * @param values an Integer, Long, Float, Double, MemorySegment or long[12] for each argument, as {@link DeviceKernel#arguments}
   *     asks for; an address may be {@link MemorySegment#NULL} until {@link #setAddress}
   * @throws IllegalArgumentException if the values are of other types
   */
  public KernelCall(Arena arena, DeviceKernel kernel, long items, Object... values) {
    String letters = kernel.arguments();
    if (letters.length() != values.length) {
      throw new IllegalArgumentException(kernel + ": found numArguments=" + values.length + " expected " + letters);
    }
    this.kernel = kernel;
    numBlocks = kernel.work().numBlocks(items);
    long bytes = letters.chars().mapToLong(KernelCall::slotBytes).sum();
    slots = arena.allocate(bytes, SLOT_BYTES);
    arguments = arena.allocate(ADDRESS, values.length);
    long at = 0;
    for (int i = 0; i < values.length; i++) {
      arguments.setAtIndex(ADDRESS, i, slots.asSlice(at));
      put(letters.charAt(i), at, values[i], i);
      at += slotBytes(letters.charAt(i));
    }
  }

  private static long slotBytes(int letter) {
    return letter == 's' ? STRUCTURE_LONGS * Long.BYTES : SLOT_BYTES;
  }

  private void put(char letter, long at, Object value, int index) {
    switch (value) {
      case MemorySegment address when letter == 'p' -> slots.set(ADDRESS, at, address);
      case Integer number when letter == 'i' -> slots.set(JAVA_INT, at, number);
      case Long number when letter == 'l' -> slots.set(JAVA_LONG, at, number);
      case Float number when letter == 'f' -> slots.set(JAVA_FLOAT, at, number);
      case Double number when letter == 'd' -> slots.set(JAVA_DOUBLE, at, number);
      case long[] structure when letter == 's' && structure.length == STRUCTURE_LONGS ->
          MemorySegment.copy(structure, 0, slots, JAVA_LONG, at, structure.length);
      default ->
          throw new IllegalArgumentException(kernel + " argument " + index + ": found " + value + ", expected a " + letter);
    }
  }

  /** Where argument {@code index}, an address, points at the next launch. Allocates nothing. */
  public void setAddress(int index, long address) {
    if (kernel.arguments().charAt(index) != 'p') {
      throw new IllegalArgumentException(kernel + " argument " + index + " is no address");
    }
    slots.set(JAVA_LONG, arguments.getAtIndex(JAVA_LONG, index) - slots.address(), address);
  }

  public DeviceKernel kernel() {
    return kernel;
  }

  /** Blocks of the grid, which has one dimension; each has {@link DeviceKernel#THREADS} threads. */
  public int numBlocks() {
    return numBlocks;
  }

  /** The array of pointers to the arguments. */
  public MemorySegment arguments() {
    return arguments;
  }
}
