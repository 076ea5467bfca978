package kiln.data.download;

import java.net.IDN;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An http or https URL as it goes onto the wire. Tables of URLs hold what browsers put up with and java.net.URI does not: spaces,
 * letters that are not ASCII, stray percent signs, host names with underscores; they are written here as browsers write them
 * (WHATWG URL Standard).
 *
 * @param scheme http or https
 * @param host in lower case, in ASCII; an IPv6 address in brackets
 * @param port -1 for the scheme's own
 * @param path with the query, encoded; begins with a slash
 */
record WebAddress(String scheme, String host, int port, String path) {
  private static final Pattern URL = Pattern.compile("(?i)(https?)://([^/?#\\\\]*)([^#]*)(?:#.*)?");
  private static final Pattern AUTHORITY = Pattern.compile("(\\[[0-9A-Fa-f:.]+\\]|[^:\\[\\]]+)(?::(\\d{0,5}))?");
  private static final Pattern HOST = Pattern.compile("[a-z0-9_]([a-z0-9._-]*[a-z0-9_-])?|\\[[0-9a-f:.]+\\]");
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:.*");
  private static final String KEPT = "-._~:/?[]@!$&'()*+,;=";
  private static final int LONGEST = 8 << 10;

  /**
   * @throws FailedException with BAD_URL
   */
  static WebAddress parse(String text) throws FailedException {
    return parse(text, Reason.BAD_URL);
  }

  /**
   * Where a redirection leads to.
   *
   * @param location absolute or relative
   * @throws FailedException with BAD_REDIRECT if that is no http or https URL
   */
  WebAddress resolve(String location) throws FailedException {
    String target = location.strip();
    if (SCHEME.matcher(target).matches()) {
      return parse(target, Reason.BAD_REDIRECT);
    }
    if (target.startsWith("//")) {
      return parse(scheme + ":" + target, Reason.BAD_REDIRECT);
    }
    return new WebAddress(scheme, host, port, merge(encode(target.split("#", 2)[0])));
  }

  /** RFC 3986, section 5.2. */
  private String merge(String relative) {
    String base = path.split("\\?", 2)[0];
    if (relative.isEmpty()) {
      return path;
    }
    if (relative.startsWith("?")) {
      return base + relative;
    }
    String[] found = relative.split("\\?", 2);
    String merged = found[0].startsWith("/") ? found[0] : base.substring(0, base.lastIndexOf('/') + 1) + found[0];
    return withoutDots(merged) + (found.length == 2 ? "?" + found[1] : "");
  }

  private static String withoutDots(String path) {
    ArrayDeque<String> kept = new ArrayDeque<>();
    String[] segments = path.substring(1).split("/", -1);
    for (int i = 0; i < segments.length; i++) {
      boolean up = segments[i].equals("..");
      if (up) {
        kept.pollLast();
      }
      if (!up && !segments[i].equals(".")) {
        kept.add(segments[i]);
      } else if (i == segments.length - 1) {
        kept.add(""); // it was a folder
      }
    }
    return "/" + String.join("/", kept);
  }

  private static WebAddress parse(String text, Reason reason) throws FailedException {
    Matcher url = URL.matcher(text.strip());
    if (text.length() > LONGEST || !url.matches()) {
      throw bad(reason, text);
    }
    Matcher authority = AUTHORITY.matcher(url.group(2));
    if (!authority.matches()) {
      throw bad(reason, text);
    }
    String port = authority.group(2);
    int number = port == null || port.isEmpty() ? -1 : Integer.parseInt(port);
    String path = encode(url.group(3));
    String host = ascii(authority.group(1), text, reason);
    if (number == 0 || number > 65535) {
      throw bad(reason, text);
    }
    return new WebAddress(
        url.group(1).toLowerCase(Locale.ROOT), host, number, path.startsWith("/") ? path : "/" + path);
  }

  private static String ascii(String host, String text, Reason reason) throws FailedException {
    try {
      String ascii = host.startsWith("[") ? host : IDN.toASCII(host, IDN.ALLOW_UNASSIGNED);
      String lower = ascii.toLowerCase(Locale.ROOT);
      String name = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
      if (HOST.matcher(name).matches()) {
        return name;
      }
    } catch (IllegalArgumentException e) {
      // A label that is empty or too long: told as any other.
    }
    throw bad(reason, text);
  }

  private static FailedException bad(Reason reason, String text) {
    String shown = text.length() > 200 ? text.substring(0, 200) + "…" : text;
    return new FailedException(Failure.of(reason, "expected http:// or https:// and a host, found " + shown.strip()));
  }

  private static String encode(String path) {
    StringBuilder encoded = new StringBuilder(path.length() + 16);
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      int c = bytes[i] & 0xff;
      if (c == '%' ? isHex(bytes, i + 1) && isHex(bytes, i + 2) : isKept(c)) {
        encoded.append((char) c);
      } else {
        encoded.append('%').append(String.format(Locale.ROOT, "%02X", c));
      }
    }
    return encoded.toString();
  }

  private static boolean isKept(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || KEPT.indexOf(c) >= 0;
  }

  private static boolean isHex(byte[] bytes, int i) {
    return i < bytes.length && Character.digit(bytes[i], 16) >= 0;
  }

  @Override
  public String toString() {
    return scheme + "://" + host + (port < 0 ? "" : ":" + port) + path;
  }
}
