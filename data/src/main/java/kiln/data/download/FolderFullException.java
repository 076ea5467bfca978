package kiln.data.download;

/** A picture that does not fit into --max-bytes any more. */
final class FolderFullException extends Exception {
  private static final long serialVersionUID = 1L;

  FolderFullException() {
    super("--max-bytes is reached");
  }
}
