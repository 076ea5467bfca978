package kiln.model.graph;

/** Element types of tensors. {@link #BF16} has no kernels yet; it is here because plans and weight files name it. */
public enum DType {
  F32(4),
  BF16(2),
  I32(4),
  U8(1);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }
}
