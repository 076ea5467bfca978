package kiln.data.download;

/** Why a URL gave no picture. The names stand in {@code downloads.jsonl}; HTTP statuses stand there with their number. */
public enum Reason {
  BAD_URL("not an http or https URL", false),
  BAD_REDIRECT("redirected to what is no http or https URL", false),
  TOO_MANY_REDIRECTS("redirected too often", false),
  FORBIDDEN_ADDRESS("the host's address is loopback, private or reserved", false),
  HOST_UNKNOWN("no such host", false),
  HOST_GIVEN_UP("not tried: the host took no connection several times in a row", false),
  CONNECT_REFUSED("connection refused, or no way to the host", true),
  CONNECT_TIMEOUT("the host did not answer", true),
  CONNECTION_LOST("connection closed before an answer", true),
  READ_TIMEOUT("the answer stalled or took too long", true),
  TLS("no trusted encrypted connection", false),
  BAD_RESPONSE("not an HTTP answer", false),
  HTTP_3XX("an HTTP status 3xx that is no redirection", false),
  HTTP_4XX("the HTTP status says that the request is at fault", false),
  HTTP_5XX("the HTTP status says that the server is at fault", true),
  NOAI("the server's X-Robots-Tag forbids this use", false),
  TOO_LARGE("larger than --max-file-bytes", false),
  TRUNCATED("shorter than announced", true),
  EMPTY("an answer without content", false),
  NOT_AN_IMAGE("the content is no picture", false),
  UNSUPPORTED_FORMAT("a picture in a format that Kiln does not read", false),
  HASH_MISMATCH("the content is not what the table's checksum says", false);

  private final String words;
  private final boolean passing;

  Reason(String words, boolean passing) {
    this.words = words;
    this.passing = passing;
  }

  /** In a few words, for the report. */
  public String words() {
    return words;
  }

  /** Whether it may be otherwise a little later. */
  boolean passing() {
    return passing;
  }

  /** Whether the host could not be reached at all. */
  boolean unreachable() {
    return this == HOST_UNKNOWN || this == CONNECT_REFUSED || this == CONNECT_TIMEOUT;
  }

  static boolean isStatus(Reason reason) {
    return reason == HTTP_3XX || reason == HTTP_4XX || reason == HTTP_5XX;
  }
}
