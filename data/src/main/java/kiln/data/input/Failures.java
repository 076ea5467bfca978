package kiln.data.input;

import java.io.FileNotFoundException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.AccessDeniedException;

/** Words for exceptions that have none of their own, or too many. */
final class Failures {
  private Failures() {}

  /** One line. */
  static String text(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case AccessDeniedException _ -> {
          return "no permission";
        }
        case UnresolvedAddressException _ -> {
          return "unknown host";
        }
        case UnknownHostException _ -> {
          return "unknown host";
        }
        case FileNotFoundException e when e.getMessage() != null -> {
          return line(e.getMessage());
        }
        default -> {}
      }
    }
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause.getMessage() != null && !cause.getMessage().isBlank()) {
        return line(cause.getMessage());
      }
    }
    return failure.getClass().getSimpleName();
  }

  static String line(String message) {
    return message.strip().lines().findFirst().orElse("");
  }
}
