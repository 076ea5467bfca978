package kiln.data.queue;

/**
 * A pseudo-random permutation of {@code 0 .. size-1} that is computed, not stored: a balanced Feistel network over the next
 * even number of bits, walked until it lands inside (Black and Rogaway 2002, "Ciphers with arbitrary finite domains").
 */
final class Permutation {
  private static final int ROUNDS = 6;

  private final long size;
  private final int halfBits;
  private final long halfMask;
  private final long[] keys = new long[ROUNDS];

  /**
   * @param key the permutation is a pure function of size and this
   */
  Permutation(long size, long... key) {
    if (size < 1) {
      throw new IllegalArgumentException("size=" + size + ": expected at least 1");
    }
    this.size = size;
    int bits = Math.max(2, 64 - Long.numberOfLeadingZeros(size - 1));
    halfBits = (bits + 1) / 2;
    halfMask = (1L << halfBits) - 1;
    long state = size;
    for (long part : key) {
      state = mix(state ^ mix(part));
    }
    for (int round = 0; round < ROUNDS; round++) {
      state = mix(state);
      keys[round] = state;
    }
  }

  long at(long index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException("index=" + index + " size=" + size);
    }
    long x = index;
    do {
      long left = x >>> halfBits;
      long right = x & halfMask;
      for (long key : keys) {
        long next = left ^ (mix(right ^ key) & halfMask);
        left = right;
        right = next;
      }
      x = left << halfBits | right;
    } while (x >= size);
    return x;
  }

  /**
   * The finalizer of SplitMix64 (Steele, Lea and Flood 2014), a bijection in which every output bit depends on all input bits.
   */
  static long mix(long z) {
    z += 0x9E3779B97F4A7C15L;
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }
}
