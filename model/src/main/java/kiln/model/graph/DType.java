package kiln.model.graph;

/**
 * Element types of tensors. {@link #BF16} is the upper half of a float32: activations and their gradients may have it, while
 * parameters, statistics and sums stay {@link #F32}.
 */
public enum DType {
  F32(4),
  BF16(2),
  I32(4),
  U8(1);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Whether gradients may have it. */
  public boolean isFloat() {
    return this == F32 || this == BF16;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }
}
