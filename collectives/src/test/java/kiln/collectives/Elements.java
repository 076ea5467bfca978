package kiln.collectives;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemorySegment;

/** The arithmetic of reductions once more, in plain Java, element by element. */
public final class Elements {
  private static boolean exactSums;

  private Elements() {}

  /**
   * From now on all values are such that their sums over four ranks are exact, in float32 and in bfloat16: for transports that
   * do not add in the order of the ranks, or round more often than once.
   */
  public static void useExactSums(boolean exact) {
    exactSums = exact;
  }

  /** Some value that depends on rank and index; fractions, both signs, integers that overflow when summed. */
  static long bits(ElementType type, int rank, long index, int salt) {
    long mixed = (rank + 1) * 0x9e3779b97f4a7c15L + index * 0xbf58476d1ce4e5b9L + salt * 0x94d049bb133111ebL;
    mixed ^= mixed >>> 31;
    mixed *= 0xd6e8feb86659fd93L;
    mixed ^= mixed >>> 32;
    float value = !exactSums ? (mixed >> 40) / 65536f : type == ElementType.BF16 ? (mixed >> 59) / 4f : (mixed >> 44) / 65536f;
    return switch (type) {
      case F32 -> Float.floatToRawIntBits(value);
      case BF16 -> toBf16(value);
      case I32 -> (int) mixed;
      case I64 -> mixed;
    };
  }

  static void fill(MemorySegment data, ElementType type, int rank, int salt) {
    for (long i = 0; i < data.byteSize() / type.bytes(); i++) {
      set(data, type, i, bits(type, rank, i, salt));
    }
  }

  static long get(MemorySegment data, ElementType type, long index) {
    return switch (type) {
      case F32, I32 -> data.getAtIndex(JAVA_INT, index);
      case BF16 -> data.getAtIndex(JAVA_SHORT, index);
      case I64 -> data.getAtIndex(JAVA_LONG, index);
    };
  }

  static void set(MemorySegment data, ElementType type, long index, long bits) {
    switch (type) {
      case F32, I32 -> data.setAtIndex(JAVA_INT, index, (int) bits);
      case BF16 -> data.setAtIndex(JAVA_SHORT, index, (short) bits);
      case I64 -> data.setAtIndex(JAVA_LONG, index, bits);
    }
  }

  /** Reduction of {@link #bits} over all ranks. */
  static long reduced(ElementType type, Reduction reduction, int size, long index, int salt) {
    long[] all = new long[size];
    for (int rank = 0; rank < size; rank++) {
      all[rank] = bits(type, rank, index, salt);
    }
    return switch (type) {
      case F32 -> Float.floatToRawIntBits(reduceFloats(all, ElementType.F32, reduction));
      case BF16 -> toBf16(reduceFloats(all, ElementType.BF16, reduction));
      case I32 -> (int) reduceIntegers(all, true, reduction);
      case I64 -> reduceIntegers(all, false, reduction);
    };
  }

  private static float reduceFloats(long[] all, ElementType type, Reduction reduction) {
    float result = toFloat(all[0], type);
    for (int rank = 1; rank < all.length; rank++) {
      float x = toFloat(all[rank], type);
      result =
          switch (reduction) {
            case SUM, AVERAGE -> result + x;
            case MAX -> Math.max(result, x);
            case MIN -> Math.min(result, x);
          };
    }
    return reduction == Reduction.AVERAGE ? result / all.length : result;
  }

  private static long reduceIntegers(long[] all, boolean wrap, Reduction reduction) {
    long result = all[0];
    for (int rank = 1; rank < all.length; rank++) {
      result =
          switch (reduction) {
            case SUM, AVERAGE -> wrap ? (int) (result + all[rank]) : result + all[rank];
            case MAX -> Math.max(result, all[rank]);
            case MIN -> Math.min(result, all[rank]);
          };
    }
    return reduction == Reduction.AVERAGE ? result / all.length : result;
  }

  static float toFloat(long bits, ElementType type) {
    return Float.intBitsToFloat(type == ElementType.BF16 ? (int) bits << 16 : (int) bits);
  }

  /** Round to nearest even. */
  static short toBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return (short) (Float.isNaN(value) ? (bits >>> 16) | 0x40 : (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  static float getFloat(MemorySegment data, long index) {
    return data.getAtIndex(JAVA_FLOAT, index);
  }
}
