package kiln.bindings;

/** A native function that reported a failure: which library, which function, the status and what the library says of it. */
public final class NativeException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String library;
  private final String function;
  private final int status;
  private final String text;

  public NativeException(String library, String function, int status, String text) {
    super(library + ": " + function + " failed with status=" + status + " (" + text + ")");
    this.library = library;
    this.function = function;
    this.status = status;
    this.text = text;
  }

  /** Name of the library as in {@link NativeLibraries#lookup}. */
  public String library() {
    return library;
  }

  public String function() {
    return function;
  }

  public int status() {
    return status;
  }

  /** The library's own name or description of the status. */
  public String text() {
    return text;
  }
}
