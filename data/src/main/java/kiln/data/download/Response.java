package kiln.data.download;

/** What became of one request. */
sealed interface Response {
  /**
   * A picture that is in its place.
   *
   * @param http the status
   * @param file its path from the folder
   */
  record Stored(int http, String sha256, String file, long bytes) implements Response {}

  /**
   * @param location as the server says, not checked
   */
  record Redirected(int http, String location) implements Response {}

  /**
   * @param last whether another try is of no use, whatever the failure
   */
  record Failed(Failure failure, boolean last) implements Response {
    Failed(Failure failure) {
      this(failure, false);
    }
  }
}
