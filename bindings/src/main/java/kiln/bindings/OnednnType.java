package kiln.bindings;

/** Element types of oneDNN's tensors that Kiln uses. A product of {@link #BF16} is summed in float32. */
public enum OnednnType {
  F32(Onednn.F32),
  BF16(Onednn.BF16);

  private final int code;

  OnednnType(int code) {
    this.code = code;
  }

  /** The value of dnnl_data_type_t. */
  int code() {
    return code;
  }
}
