package kiln.data.source;

/** Input that cannot be used, for a reason worth counting. */
public final class UnusableException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String reason;

  /**
   * @param reason the kind of defect, the same words each time
   * @param detail one line that names the file and the defect
   */
  public UnusableException(String reason, String detail) {
    super(detail);
    this.reason = reason;
  }

  public String reason() {
    return reason;
  }
}
