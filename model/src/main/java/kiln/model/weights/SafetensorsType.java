package kiln.model.weights;

/**
 * Element types of the <a href="https://github.com/huggingface/safetensors#format">safetensors format</a>, named as in the
 * files. Types narrower than a byte are packed.
 */
public enum SafetensorsType {
  BOOL(8),
  F4(4),
  F6_E2M3(6),
  F6_E3M2(6),
  U8(8),
  I8(8),
  F8_E5M2(8),
  F8_E4M3(8),
  F8_E8M0(8),
  F8_E4M3FNUZ(8),
  F8_E5M2FNUZ(8),
  I16(16),
  U16(16),
  F16(16),
  BF16(16),
  I32(32),
  U32(32),
  F32(32),
  C64(64),
  F64(64),
  I64(64),
  U64(64);

  private final int bits;

  SafetensorsType(int bits) {
    this.bits = bits;
  }

  /** Bits of one element. */
  public int bits() {
    return bits;
  }

  /**
   * Bytes of a tensor of {@code dims}.
   *
   * @throws ArithmeticException if that is no whole number, or more than a long holds
   */
  long bytes(Iterable<Long> dims) {
    long elements = 1;
    for (long dim : dims) {
      elements = Math.multiplyExact(elements, dim);
    }
    long total = Math.multiplyExact(elements, (long) bits);
    if (total % Byte.SIZE != 0) {
      throw new ArithmeticException(total + " bits are no whole number of bytes");
    }
    return total / Byte.SIZE;
  }
}
