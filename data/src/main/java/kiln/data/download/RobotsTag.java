package kiln.data.download;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.MessageHeaders;

/**
 * {@code X-Robots-Tag}: a server's word on what its content may be used for. The four directives that img2dataset minds are minded:
 * noai, noimageai, noindex, noimageindex; a directive for one robot counts if that is this one.
 */
final class RobotsTag {
  private static final String NAME = "X-Robots-Tag";
  private static final Set<String> FORBIDDING = Set.of("noai", "noimageai", "noindex", "noimageindex");

  private RobotsTag() {}

  /**
   * @param userAgent whose name before the first slash is the robot's
   */
  static boolean forbids(MessageHeaders headers, String userAgent) {
    String robot = userAgent.split("[/ ]", 2)[0].toLowerCase(Locale.ROOT);
    return values(headers).stream().anyMatch(value -> forbids(value.toLowerCase(Locale.ROOT), robot));
  }

  private static boolean forbids(String value, String robot) {
    int colon = value.indexOf(':');
    String addressed = colon < 0 ? "" : value.substring(0, colon).strip();
    boolean named = colon >= 0 && addressed.matches("[a-z0-9._-]+") && !addressed.equals("unavailable_after");
    if (named && !addressed.equals(robot)) {
      return false;
    }
    String directives = named ? value.substring(colon + 1) : value;
    return Arrays.stream(directives.split(",")).map(String::strip).anyMatch(FORBIDDING::contains);
  }

  static String of(MessageHeaders headers) {
    return values(headers).stream().collect(Collectors.joining(", "));
  }

  private static List<String> values(MessageHeaders headers) {
    return Arrays.stream(headers.getHeaders(NAME)).map(Header::getValue).filter(value -> value != null).toList();
  }
}
