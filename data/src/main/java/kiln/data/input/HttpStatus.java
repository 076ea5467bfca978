package kiln.data.input;

import java.util.Set;

/** What status codes mean for the next attempt; S3 speaks the same ones. */
final class HttpStatus {
  /** Request timeout, too early, too many requests; and errors of servers that are for the moment (RFC 9110, section 15). */
  private static final Set<Integer> PASSING = Set.of(408, 425, 429, 500, 502, 503, 504);

  private HttpStatus() {}

  static InputException failure(int status, String location, String what) {
    if (PASSING.contains(status) || status > 505) {
      return InputException.passing(InputException.SERVER_ERROR, location, what, null);
    }
    String reason =
        switch (status) {
          case 404, 410 -> InputException.NOT_FOUND;
          case 401, 402, 403, 407, 451 -> InputException.FORBIDDEN;
          default -> InputException.SERVER_ERROR;
        };
    return InputException.lasting(reason, location, what);
  }
}
