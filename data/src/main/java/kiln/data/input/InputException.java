package kiln.data.input;

import java.io.IOException;
import java.time.Duration;
import kiln.data.source.UnusableException;

/** Bytes that cannot be had; the message is one line that begins with their location. */
public final class InputException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Kinds of failures, in the words under which they are counted. */
  public static final String NOT_FOUND = "not found";

  public static final String FORBIDDEN = "refused by the server";
  public static final String SERVER_ERROR = "server error";
  public static final String UNREACHABLE = "unreachable";
  public static final String TOO_SLOW = "too slow";
  public static final String BROKEN = "connection broken";
  public static final String CHANGED = "changed while it was read";
  public static final String NO_RANGES = "server without ranges";
  public static final String COMMAND_FAILED = "command failed";
  public static final String UNREADABLE = "cannot be read";

  private final String reason;
  private final boolean passing;
  private final Duration wait;

  private InputException(String reason, String message, boolean passing, Duration wait, Throwable cause) {
    super(message, cause);
    this.reason = reason;
    this.passing = passing;
    this.wait = wait;
  }

  /** One that would come again. */
  public static InputException lasting(String reason, String location, String what) {
    return new InputException(reason, location + ": " + what, false, Duration.ZERO, null);
  }

  /** One that may be gone at the next attempt. */
  public static InputException passing(String reason, String location, String what, Throwable cause) {
    return new InputException(reason, location + ": " + what, true, Duration.ZERO, cause);
  }

  /** The same after a wait that the server has asked for. */
  InputException after(Duration asked) {
    return new InputException(reason, getMessage(), passing, asked, getCause());
  }

  /** The same with the number of attempts. */
  InputException afterAttempts(int attempts) {
    String message = attempts == 1 ? getMessage() : getMessage() + " (" + attempts + " attempts)";
    return new InputException(reason, message, false, Duration.ZERO, getCause());
  }

  /** The kind of failure, the same words each time. */
  public String reason() {
    return reason;
  }

  /** Whether another attempt is worthwhile. */
  public boolean isPassing() {
    return passing;
  }

  /** Least time before the next attempt, as the server has said; zero if it has not. */
  public Duration askedWait() {
    return wait;
  }

  /** As input that is left out and counted. */
  public UnusableException unusable() {
    return new UnusableException(reason, getMessage());
  }
}
