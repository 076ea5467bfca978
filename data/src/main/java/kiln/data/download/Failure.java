package kiln.data.download;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * A URL that gave no picture.
 *
 * @param http the HTTP status; 0 if there was none
 * @param detail one line
 * @param retryAfter for how long the server asks to be left alone
 */
record Failure(Reason reason, int http, String detail, Optional<Duration> retryAfter) {
  /** Statuses of errors that pass by themselves: request timeout, too early, too many requests. */
  private static final Set<Integer> PASSING = Set.of(408, 425, 429);

  /** Not implemented, version not supported: these stay. */
  private static final Set<Integer> STAYING = Set.of(501, 505);

  static Failure of(Reason reason, int http, String detail) {
    return new Failure(reason, http, detail, Optional.empty());
  }

  static Failure of(Reason reason, String detail) {
    return of(reason, 0, detail);
  }

  /** Of a status that is neither success nor a redirection. */
  static Failure status(int http, String phrase, Optional<Duration> retryAfter) {
    Reason reason = http < 400 ? Reason.HTTP_3XX : http < 500 ? Reason.HTTP_4XX : Reason.HTTP_5XX;
    return new Failure(reason, http, phrase, retryAfter);
  }

  /** As it is counted and written: {@code HTTP_404}, {@code READ_TIMEOUT}. */
  String kind() {
    return Reason.isStatus(reason) ? "HTTP_" + http : reason.name();
  }

  boolean passing() {
    return PASSING.contains(http) || (reason.passing() && !STAYING.contains(http));
  }
}
