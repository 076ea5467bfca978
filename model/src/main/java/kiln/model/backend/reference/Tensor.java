package kiln.model.backend.reference;

import java.lang.foreign.ValueLayout;
import kiln.model.graph.DType;
import kiln.model.graph.Shape;
import kiln.model.plan.Buffer;

/** A buffer as the loops see it: elements by flat row-major index. Records may start at any byte, so reads are unaligned. */
final class Tensor {
  private static final int HALF_BITS = 16;

  private final Buffer buffer;
  private final boolean isInt;
  private final boolean isByte;
  private final boolean isHalf;

  Tensor(Buffer buffer) {
    DType dtype = buffer.type().dtype();
    this.buffer = buffer;
    this.isInt = dtype == DType.I32;
    this.isByte = dtype == DType.U8;
    this.isHalf = dtype == DType.BF16;
  }

  Shape shape() {
    return buffer.type().shape();
  }

  /** Extent of an axis; negative axes count from the end. */
  int dim(int axis) {
    return shape().dim(axis);
  }

  long elements() {
    return shape().elements();
  }

  DType dtype() {
    return buffer.type().dtype();
  }

  /** An element as a number, whatever its type; uint8 is 0 to 255. */
  float get(long index) {
    if (isByte) {
      return buffer.segment().get(ValueLayout.JAVA_BYTE, index) & 0xff;
    }
    if (isHalf) {
      return Float.intBitsToFloat(getHalf(index) << HALF_BITS);
    }
    return isInt ? getInt(index) : buffer.segment().get(ValueLayout.JAVA_FLOAT_UNALIGNED, index * Float.BYTES);
  }

  /** An element of an int32 tensor. */
  int getInt(long index) {
    return buffer.segment().get(ValueLayout.JAVA_INT_UNALIGNED, index * Integer.BYTES);
  }

  /** The bits of an element of a bfloat16 tensor. */
  private short getHalf(long index) {
    return buffer.segment().get(ValueLayout.JAVA_SHORT_UNALIGNED, index * Short.BYTES);
  }

  private void setHalf(long index, short bits) {
    buffer.segment().set(ValueLayout.JAVA_SHORT_UNALIGNED, index * Short.BYTES, bits);
  }

  /** The upper half of a float32, rounded to nearest, ties to even. */
  private static short half(float value) {
    int bits = Float.floatToRawIntBits(value);
    boolean isNaN = Float.isNaN(value);
    return (short) ((isNaN ? bits | 1 << (HALF_BITS + 6) : bits + 0x7fff + (bits >>> HALF_BITS & 1)) >>> HALF_BITS);
  }

  /** Sets an element of a float tensor. */
  void set(long index, double value) {
    if (isHalf) {
      setHalf(index, half((float) value));
      return;
    }
    buffer.segment().set(ValueLayout.JAVA_FLOAT_UNALIGNED, index * Float.BYTES, (float) value);
  }

  /** Sets an element of an int32 tensor. */
  void setInt(long index, int value) {
    buffer.segment().set(ValueLayout.JAVA_INT_UNALIGNED, index * Integer.BYTES, value);
  }

  /** Copies the element of {@code from}, which has the same type, without looking at it. */
  void copy(long index, Tensor from, long fromIndex) {
    if (isByte) {
      buffer.segment().set(ValueLayout.JAVA_BYTE, index, from.buffer.segment().get(ValueLayout.JAVA_BYTE, fromIndex));
    } else if (isHalf) {
      setHalf(index, from.getHalf(fromIndex));
    } else {
      buffer.segment().set(ValueLayout.JAVA_INT_UNALIGNED, index * Integer.BYTES, from.getInt(fromIndex));
    }
  }

  void fill(double value) {
    for (long i = 0; i < elements(); i++) {
      set(i, value);
    }
  }
}
