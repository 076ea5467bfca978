package kiln.data.input;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A web server on this machine that answers as a test wants. */
final class WebServer implements AutoCloseable {
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");

  /** Answers the {@code number}th request, from 0. */
  @FunctionalInterface
  interface Answer {
    void give(HttpExchange exchange, int number) throws IOException, InterruptedException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> ranges = new CopyOnWriteArrayList<>();
  private final List<Long> times = new CopyOnWriteArrayList<>();

  WebServer(Answer answer) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", exchange -> handle(answer, exchange));
    server.start();
  }

  private void handle(Answer answer, HttpExchange exchange) throws IOException {
    int number;
    synchronized (this) {
      number = ranges.size();
      times.add(System.nanoTime());
      ranges.add(header(exchange, "Range") + " if " + header(exchange, "If-Range"));
    }
    try {
      answer.give(exchange, number);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      exchange.close(); // with less than was announced, this breaks the connection
    }
  }

  private static String header(HttpExchange exchange, String name) {
    return exchange.getRequestHeaders().getFirst(name);
  }

  /** Address of a file. */
  String at(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  /** Range and If-Range of each request so far. */
  List<String> ranges() {
    return ranges;
  }

  /** When each request came, in nanoseconds. */
  List<Long> times() {
    return times;
  }

  /** A file as servers give it, by range if asked for, but {@code most} bytes of it at most before the connection breaks. */
  static void file(HttpExchange exchange, byte[] content, String etag, int most) throws IOException {
    if (etag != null) {
      exchange.getResponseHeaders().set("ETag", etag);
    }
    Matcher range = RANGE.matcher(String.valueOf(header(exchange, "Range")));
    String condition = header(exchange, "If-Range");
    if (!range.matches() || (condition != null && !condition.equals(etag))) {
      send(exchange, 200, content, 0, content.length, most);
      return;
    }
    int from = Integer.parseInt(range.group(1));
    int until = range.group(2).isEmpty() ? content.length : Math.min(content.length, Integer.parseInt(range.group(2)) + 1);
    if (from >= content.length) {
      exchange.getResponseHeaders().set("Content-Range", "bytes */" + content.length);
      exchange.sendResponseHeaders(416, -1);
      return;
    }
    exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + (until - 1) + "/" + content.length);
    send(exchange, 206, content, from, until, most);
  }

  static void send(HttpExchange exchange, int status, byte[] content, int from, int until, int most) throws IOException {
    exchange.sendResponseHeaders(status, until == from ? -1 : until - from);
    exchange.getResponseBody().write(content, from, Math.min(until - from, most));
    exchange.getResponseBody().flush();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
