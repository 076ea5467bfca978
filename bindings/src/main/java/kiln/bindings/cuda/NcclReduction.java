package kiln.bindings.cuda;

/** How NCCL makes one of the ranks' elements. */
public enum NcclReduction {
  SUM(NcclConstants.SUM),
  AVERAGE(NcclConstants.AVG),
  MAX(NcclConstants.MAX),
  MIN(NcclConstants.MIN);

  private final int code;

  NcclReduction(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }
}
