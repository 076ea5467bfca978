package kiln.data.download;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Where the log says what became of each target: 24 bytes a slot and no objects, as tables have hundreds of millions of rows. Two
 * thirds of the slots are used at most; a slot is found by linear probing.
 */
final class TargetIndex {
  /** Not known. */
  static final long NONE = -1;

  /** Asked for in this run, without an answer yet. */
  static final long UNDER_WAY = -2;

  private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final int FIELDS = 3; // key, key, place

  private long[] slots = new long[FIELDS << 10];
  private int size;

  /**
   * @param key 16 bytes of it are used
   * @return a place in the log, or one of the constants
   */
  synchronized long get(byte[] key) {
    int slot = slot(slots, high(key), low(key));
    return slots[slot] == 0 ? NONE : slots[slot + 2];
  }

  synchronized void put(byte[] key, long place) {
    long high = high(key);
    int slot = slot(slots, high, low(key));
    if (slots[slot] == 0) {
      if (3L * FIELDS * (size + 1) > 2L * slots.length) {
        grow();
        slot = slot(slots, high, low(key));
      }
      size++;
      slots[slot] = high;
      slots[slot + 1] = low(key);
    }
    slots[slot + 2] = place;
  }

  private void grow() {
    long[] larger = new long[Math.multiplyExact(2, slots.length)];
    for (int i = 0; i < slots.length; i += FIELDS) {
      if (slots[i] != 0) {
        System.arraycopy(slots, i, larger, slot(larger, slots[i], slots[i + 1]), FIELDS);
      }
    }
    slots = larger;
  }

  private static int slot(long[] slots, long high, long low) {
    int numSlots = slots.length / FIELDS;
    int slot = (int) Long.remainderUnsigned(high, numSlots);
    while (slots[slot * FIELDS] != 0 && (slots[slot * FIELDS] != high || slots[slot * FIELDS + 1] != low)) {
      slot = slot + 1 == numSlots ? 0 : slot + 1;
    }
    return slot * FIELDS;
  }

  /** Not 0, which marks a free slot. */
  private static long high(byte[] key) {
    return Math.max(1, (long) LONG.get(key, 0) & Long.MAX_VALUE);
  }

  private static long low(byte[] key) {
    return (long) LONG.get(key, 8);
  }
}
