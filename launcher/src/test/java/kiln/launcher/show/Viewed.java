package kiln.launcher.show;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A page as a browser shows it.
 *
 * @param found what {@code check.html} wrote down about it
 * @param requests paths that the browser asked of the server, in order
 */
record Viewed(JsonNode found, List<String> requests) {
  private static final Pattern RESULT = Pattern.compile("<pre id=\"result\">([A-Za-z0-9+/=]+)</pre>");

  static Viewed of(Path page, Chromium browser) throws IOException {
    List<String> requests = Collections.synchronizedList(new ArrayList<>());
    byte[] check;
    try (InputStream in = Viewed.class.getResourceAsStream("check.html")) {
      check = in.readAllBytes();
    }
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          requests.add(path);
          byte[] body = path.equals("/check") ? check : path.equals("/page") ? Files.readAllBytes(page) : new byte[0];
          exchange.getResponseHeaders().set("Content-Type", "text/html");
          exchange.sendResponseHeaders(body.length > 0 ? 200 : 404, body.length > 0 ? body.length : -1);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    try {
      String dom = browser.dom("http://127.0.0.1:" + server.getAddress().getPort() + "/check");
      Matcher result = RESULT.matcher(dom);
      if (!result.find()) {
        throw new AssertionError("the check has not ended:\n" + dom);
      }
      JsonNode found = JsonMapper.builder().build().readTree(Base64.getDecoder().decode(result.group(1)));
      if (found.has("error")) {
        throw new AssertionError(found.toString());
      }
      return new Viewed(found, List.copyOf(requests));
    } finally {
      server.stop(0);
    }
  }

  int number(String name) {
    return found.path(name).asInt(-1);
  }

  List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    found.path(name).forEach(text -> texts.add(text.asString()));
    return texts;
  }
}
