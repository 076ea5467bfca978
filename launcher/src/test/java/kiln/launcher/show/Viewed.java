package kiln.launcher.show;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import kiln.launcher.Outcome;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A page as a browser shows it.
 *
 * @param found what {@code check.html} sent about it
 * @param requests paths that the browser asked of the server, in order, but for what the check needs itself
 */
record Viewed(JsonNode found, List<String> requests) {
  private static final int NOT_FOUND = 404;

  static Viewed of(Path page, Chromium browser) throws IOException {
    List<String> requests = Collections.synchronizedList(new ArrayList<>());
    CompletableFuture<byte[]> result = new CompletableFuture<>();
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      server.setExecutor(threads);
      server.createContext("/", exchange -> {
        String path = exchange.getRequestURI().getPath();
        switch (path) {
          case "/result" -> {
            result.complete(exchange.getRequestBody().readAllBytes());
            answer(exchange, new byte[] {' '});
          }
          case "/wait" -> {
            result.copy().completeOnTimeout(null, 2, TimeUnit.MINUTES).join();
            answer(exchange, new byte[0]);
          }
          default -> {
            requests.add(path);
            answer(exchange, path.equals("/check") ? check() : path.equals("/page") ? Files.readAllBytes(page) : new byte[0]);
          }
        }
      });
      server.start();
      try {
        Outcome outcome = browser.open("http://127.0.0.1:" + server.getAddress().getPort() + "/check");
        if (!result.isDone()) {
          throw new AssertionError("the check has sent nothing: " + outcome);
        }
        JsonNode found = JsonMapper.builder().build().readTree(result.join());
        if (found.has("error")) {
          throw new AssertionError(found.toString());
        }
        return new Viewed(found, List.copyOf(requests));
      } finally {
        result.complete(null);
        server.stop(0);
      }
    }
  }

  private static byte[] check() throws IOException {
    try (InputStream in = Viewed.class.getResourceAsStream("check.html")) {
      return in.readAllBytes();
    }
  }

  private static void answer(HttpExchange exchange, byte[] body) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "text/html");
    exchange.sendResponseHeaders(body.length > 0 ? 200 : NOT_FOUND, body.length > 0 ? body.length : -1);
    exchange.getResponseBody().write(body);
    exchange.close();
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
