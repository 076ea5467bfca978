package kiln.data.download;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ClientProtocolException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.MalformedChunkCodingException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.TruncatedChunkException;

/** Which kind of failure an exception of the HTTP client is. */
final class ConnectionFailures {
  private ConnectionFailures() {}

  /** Until the headers of the answer were there. */
  static Failure ofRequest(Exception e) {
    Reason reason =
        switch (e) {
          case PublicAddresses.ForbiddenException _ -> Reason.FORBIDDEN_ADDRESS;
          case UnknownHostException _ -> Reason.HOST_UNKNOWN;
          case ConnectTimeoutException _ -> Reason.CONNECT_TIMEOUT;
          case ConnectException _ -> Reason.CONNECT_REFUSED;
          case NoRouteToHostException _ -> Reason.CONNECT_REFUSED;
          case SSLException _ -> Reason.TLS;
          case SocketTimeoutException _ -> Reason.READ_TIMEOUT;
          case ClientProtocolException _ -> Reason.BAD_RESPONSE;
          case MessageConstraintException _ -> Reason.BAD_RESPONSE;
          case IOException _ -> Reason.CONNECTION_LOST;
          default -> Reason.BAD_RESPONSE; // The client chokes on it.
        };
    return Failure.of(reason, line(e));
  }

  /** While the content came. */
  static Failure ofBody(IOException e, int http) {
    Reason reason =
        switch (e) {
          case SocketTimeoutException _ -> Reason.READ_TIMEOUT;
          case SSLException _ -> Reason.TLS;
          case MalformedChunkCodingException _ when !(e instanceof TruncatedChunkException) ->
              Reason.BAD_RESPONSE;
          default -> Reason.TRUNCATED;
        };
    return Failure.of(reason, http, line(e));
  }

  private static String line(Exception e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return message.lines().findFirst().orElse("").strip();
  }
}
