package kiln.model.random;

import java.nio.charset.StandardCharsets;

/**
 * Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011): a bijection of 128-bit
 * counters under a 64-bit key. The key is the run's seed; the counter says what the number is for, so that a number depends
 * neither on the number of ranks and threads, nor on the micro-batch, nor on a restart:
 *
 * <pre>
 *   counter     word 0        word 1        word 2        word 3
 *             | block       | step        | sample      | sample      | stream    |
 *             | = index / 4 |             | bits 0–31   | bits 32–55  |           |
 *         bit | 31        0 | 31        0 | 31        0 | 31        8 | 7       0 |
 *
 *   key       | seed 0–31   | seed 32–63  |
 * </pre>
 *
 * <p>Element {@code index} of a (seed, stream, step, sample) is output word {@code index mod 4} of its block. Two neighbouring
 * words, 2i and 2i + 1, give the two normal numbers 2i and 2i + 1 (Box and Muller 1958).
 *
 * <p>This is the plain version; {@link kiln.bindings.RandomKernels} fills native memory with the same numbers. Nothing here
 * allocates.
 */
public final class Philox {
  private static final int MULTIPLIER_0 = 0xD2511F53;
  private static final int MULTIPLIER_1 = 0xCD9E8D57;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final int ROUNDS = 10;
  private static final long MAX_STEP = (1L << 32) - 1;
  private static final long MAX_SAMPLE = (1L << 56) - 1;
  private static final long MAX_INDEX = (1L << 34) - 1;

  private Philox() {}

  /**
   * 32 random bits.
   *
   * @param step 0 … 2³² − 1
   * @param sample 0 … 2⁵⁶ − 1
   * @param index 0 … 2³⁴ − 1
   * @throws IllegalArgumentException if one of them is out of range
   */
  public static int word(long seed, Stream stream, long step, long sample, long index) {
    check("index", index, MAX_INDEX);
    int word2 = (int) check("sample", sample, MAX_SAMPLE);
    int word3 = (int) (sample >>> 32) << 8 | stream.ordinal();
    return word((int) (index >>> 2), stepWord(step), word2, word3, (int) seed, (int) (seed >>> 32), (int) index & 3);
  }

  /** Uniform in [0, 1), a multiple of 2⁻²⁴. */
  public static float uniform(long seed, Stream stream, long step, long sample, long index) {
    return (word(seed, stream, step, sample, index) >>> 8) * 0x1p-24f;
  }

  /** N(0, 1). */
  public static float normal(long seed, Stream stream, long step, long sample, long index) {
    long a = Integer.toUnsignedLong(word(seed, stream, step, sample, index & ~1L));
    long b = Integer.toUnsignedLong(word(seed, stream, step, sample, index | 1));
    double radius = Math.sqrt(-2 * Math.log((a + 1) * 0x1p-32));
    double angle = 2 * Math.PI * (b * 0x1p-32);
    return (float) (radius * ((index & 1) == 0 ? Math.cos(angle) : Math.sin(angle)));
  }

  /** Uniform in 0 … bound − 1, by the high half of a product (a bias of at most bound / 2³²). */
  public static int uniformInt(int bound, long seed, Stream stream, long step, long sample, long index) {
    return (int) (Integer.toUnsignedLong(word(seed, stream, step, sample, index)) * bound >>> 32);
  }

  /** The counter word of a step: unsigned 32 bits. */
  public static int stepWord(long step) {
    return (int) check("step", step, MAX_STEP);
  }

  /**
   * A sample number for a name: the low 56 bits of the 64-bit FNV-1a hash of its UTF-8 bytes, offset basis and prime as
   * published.
   */
  public static long sampleOf(String name) {
    long hash = 0xCBF29CE484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xFF)) * 0x100000001B3L;
    }
    return hash & MAX_SAMPLE;
  }

  /** Word {@code which} (0 … 3) of the block of a counter under a key. */
  static int word(int counter0, int counter1, int counter2, int counter3, int key0, int key1, int which) {
    int c0 = counter0;
    int c1 = counter1;
    int c2 = counter2;
    int c3 = counter3;
    int k0 = key0;
    int k1 = key1;
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = Integer.toUnsignedLong(MULTIPLIER_0) * Integer.toUnsignedLong(c0);
      long product1 = Integer.toUnsignedLong(MULTIPLIER_1) * Integer.toUnsignedLong(c2);
      c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
      c1 = (int) product1;
      c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
      c3 = (int) product0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    return switch (which) {
      case 0 -> c0;
      case 1 -> c1;
      case 2 -> c2;
      case 3 -> c3;
      default -> throw new IllegalArgumentException("which: expected 0 to 3, found " + which);
    };
  }

  private static long check(String name, long value, long maximum) {
    if (value < 0 || value > maximum) {
      throw new IllegalArgumentException(name + ": expected 0 to " + maximum + ", found " + value);
    }
    return value;
  }
}
