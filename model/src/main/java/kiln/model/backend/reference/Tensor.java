package kiln.model.backend.reference;

import java.lang.foreign.ValueLayout;
import kiln.model.graph.DType;
import kiln.model.graph.Shape;
import kiln.model.plan.Buffer;

/** A buffer as the loops see it: elements by flat row-major index. Records may start at any byte, so reads are unaligned. */
final class Tensor {
  private final Buffer buffer;
  private final boolean isInt;
  private final boolean isByte;

  Tensor(Buffer buffer) {
    DType dtype = buffer.type().dtype();
    if (dtype == DType.BF16) {
      throw new IllegalArgumentException("the reference backend has no kernel for " + buffer.type());
    }
    this.buffer = buffer;
    this.isInt = dtype == DType.I32;
    this.isByte = dtype == DType.U8;
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
    return isInt ? getInt(index) : buffer.segment().get(ValueLayout.JAVA_FLOAT_UNALIGNED, index * Float.BYTES);
  }

  /** An element of an int32 tensor. */
  int getInt(long index) {
    return buffer.segment().get(ValueLayout.JAVA_INT_UNALIGNED, index * Integer.BYTES);
  }

  /** Sets an element of a float32 tensor. */
  void set(long index, double value) {
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
