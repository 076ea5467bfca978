package kiln.collectives;

/** What a collective moves and reduces. */
public enum ElementType {
  F32(4),
  /** bfloat16; reductions accumulate in float32 and round once, to nearest even, but where a transport says otherwise. */
  BF16(2),
  I32(4),
  I64(8);

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }
}
