package kiln.launcher.compare;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import kiln.model.weights.SafetensorsType;
import kiln.model.weights.SafetensorsWriter.Tensor;

/**
 * How far two tensors of one type and shape are apart. They are equal if all bits are.
 *
 * @param elements of each
 * @param different elements of which a bit differs
 * @param maxAbsolute largest |a − b|; 0 if none differs or the tensors are not of float32
 * @param maxRelative largest |a − b| / max(|a|, |b|); 0 likewise
 * @param notComparable elements of which a bit differs and one is not finite
 */
public record TensorDifference(long elements, long different, double maxAbsolute, double maxRelative, long notComparable) {
  /** Nothing has been compared. */
  public static final TensorDifference NONE = new TensorDifference(0, 0, 0, 0, 0);

  public boolean isEqual() {
    return different == 0;
  }

  /** Of two tensors' elements together. */
  public TensorDifference plus(TensorDifference other) {
    return new TensorDifference(
        elements + other.elements,
        different + other.different,
        Math.max(maxAbsolute, other.maxAbsolute),
        Math.max(maxRelative, other.maxRelative),
        notComparable + other.notComparable);
  }

  /**
   * Reads both through two pieces of memory.
   *
   * @param a a multiple of 8 bytes
   * @param b as large
   */
  static TensorDifference of(Tensor left, Tensor right, MemorySegment a, MemorySegment b) {
    int width = Math.max(1, left.type().bits() / Byte.SIZE);
    TensorDifference sum = new TensorDifference(left.bytes() / width, 0, 0, 0, 0);
    for (long at = 0; at < left.bytes(); at += a.byteSize()) {
      long n = Math.min(a.byteSize(), left.bytes() - at);
      MemorySegment ofLeft = a.asSlice(0, n);
      MemorySegment ofRight = b.asSlice(0, n);
      left.data().read(at, ofLeft);
      right.data().read(at, ofRight);
      if (ofLeft.mismatch(ofRight) >= 0) {
        boolean floats = left.type() == SafetensorsType.F32;
        sum = sum.plus(floats ? ofFloats(ofLeft, ofRight) : ofBytes(ofLeft, ofRight, width));
      }
    }
    return sum;
  }

  private static TensorDifference ofFloats(MemorySegment left, MemorySegment right) {
    long different = 0;
    long notComparable = 0;
    double maxAbsolute = 0;
    double maxRelative = 0;
    for (long i = 0; i < left.byteSize() / Float.BYTES; i++) {
      int bitsA = left.getAtIndex(ValueLayout.JAVA_INT, i);
      int bitsB = right.getAtIndex(ValueLayout.JAVA_INT, i);
      if (bitsA != bitsB) {
        different++;
        double a = Float.intBitsToFloat(bitsA);
        double b = Float.intBitsToFloat(bitsB);
        double absolute = Math.abs(a - b);
        if (Double.isFinite(absolute)) {
          maxAbsolute = Math.max(maxAbsolute, absolute);
          maxRelative = Math.max(maxRelative, absolute == 0 ? 0 : absolute / Math.max(Math.abs(a), Math.abs(b)));
        } else {
          notComparable++;
        }
      }
    }
    return new TensorDifference(0, different, maxAbsolute, maxRelative, notComparable);
  }

  private static TensorDifference ofBytes(MemorySegment left, MemorySegment right, int width) {
    long different = 0;
    for (long at = 0; at < left.byteSize(); at += width) {
      if (left.asSlice(at, width).mismatch(right.asSlice(at, width)) >= 0) {
        different++;
      }
    }
    return new TensorDifference(0, different, 0, 0, 0);
  }
}
