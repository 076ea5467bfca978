package kiln.bindings.cuda;

/** Element types that NCCL moves and reduces. */
public enum NcclType {
  I8(NcclConstants.INT8, 1),
  I32(NcclConstants.INT32, 4),
  I64(NcclConstants.INT64, 8),
  F32(NcclConstants.FLOAT32, 4),
  BF16(NcclConstants.BFLOAT16, 2);

  private final int code;
  private final int bytes;

  NcclType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  int code() {
    return code;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }
}
