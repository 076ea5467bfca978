package kiln.data.input;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reading from a web server in order, through everything that happens to connections. */
@Timeout(60)
class HttpInputTest {
  private static final byte[] FILE = Fast.bytes(300_000);
  private static final String ETAG = "\"one\"";

  private static byte[] read(WebServer server, InputOptions options) throws IOException {
    try (Inputs inputs = new Inputs(options);
        InputStream stream = inputs.of(server.at("/file.tar")).open()) {
      return stream.readAllBytes();
    }
  }

  @Test
  void shouldReadWholeFileByOneRequest() throws IOException {
    try (WebServer server = new WebServer((exchange, _) -> WebServer.file(exchange, FILE, ETAG, FILE.length))) {
      assertArrayEquals(FILE, read(server, Fast.options()));
      assertEquals(1, server.ranges().size());
    }
  }

  @Test
  void shouldGoOnWhereConnectionBroke() throws IOException {
    try (WebServer server = new WebServer((exchange, _) -> WebServer.file(exchange, FILE, ETAG, 100_000))) {
      assertArrayEquals(FILE, read(server, Fast.options()));
      assertEquals("null if null", server.ranges().getFirst());
      assertEquals("bytes=100000- if \"one\"", server.ranges().get(1));
      assertEquals("bytes=200000- if \"one\"", server.ranges().get(2));
      assertEquals(3, server.ranges().size());
    }
  }

  @Test
  void shouldCountOnlyAttemptsWithoutProgress() throws IOException {
    try (WebServer server = new WebServer((exchange, _) -> WebServer.file(exchange, FILE, ETAG, 10_000))) {
      assertArrayEquals(FILE, read(server, Fast.options()));
      assertEquals(30, server.ranges().size());
    }
  }

  @Test
  void shouldStartOverAndSkipIfServerHasNoRanges() throws IOException {
    WebServer.Answer answer =
        (exchange, number) -> WebServer.send(exchange, 200, FILE, 0, FILE.length, number == 0 ? 100_000 : FILE.length);
    try (WebServer server = new WebServer(answer)) {
      assertArrayEquals(FILE, read(server, Fast.options()));
      assertEquals(2, server.ranges().size());
    }
  }

  @Test
  void shouldNoticeThatFileHasChanged() {
    byte[] other = Fast.bytes(FILE.length + 1);
    other[0] ^= 1;
    byte[] sameLength = other.clone();
    WebServer.Answer answer =
        (exchange, number) -> WebServer.file(exchange, number == 0 ? FILE : sameLength, number == 0 ? ETAG : "\"two\"", 100_000);
    try (WebServer server = new WebServer(answer)) {
      Fast.assertFails(InputException.CHANGED, () -> read(server, Fast.options()), server.at("/file.tar"), "has changed", "100000");
      assertEquals(2, server.ranges().size());
    }
    WebServer.Answer withoutVersion =
        (exchange, number) -> WebServer.file(exchange, number == 0 ? FILE : other, null, 100_000);
    try (WebServer server = new WebServer(withoutVersion)) {
      Fast.assertFails(InputException.CHANGED, () -> read(server, Fast.options()), "length, from 300000 to 300001");
    }
  }

  @Test
  void shouldNoticeBodyShorterThanAnnounced() {
    WebServer.Answer answer = (exchange, _) -> WebServer.send(exchange, 200, FILE, 0, FILE.length, 1000);
    try (WebServer server = new WebServer(answer)) {
      Fast.assertFails(InputException.BROKEN, () -> read(server, Fast.options()), "1000 of 300000 bytes", "3 attempts");
      assertEquals(Fast.ATTEMPTS, server.ranges().size());
    }
  }

  @Test
  void shouldNotAskAgainForWhatIsNotThereOrForbidden() {
    for (int status : new int[] {404, 410, 401, 403, 400}) {
      WebServer.Answer answer = (exchange, _) -> exchange.sendResponseHeaders(status, -1);
      String reason =
          switch (status) {
            case 404, 410 -> InputException.NOT_FOUND;
            case 400 -> InputException.SERVER_ERROR;
            default -> InputException.FORBIDDEN;
          };
      try (WebServer server = new WebServer(answer)) {
        Fast.assertFails(reason, () -> read(server, Fast.options()), server.at("/file.tar"), Integer.toString(status));
        assertEquals(1, server.ranges().size());
      }
    }
  }

  @Test
  void shouldAskAgainAfterServerErrors() throws IOException {
    int[] statuses = {503, 429};
    WebServer.Answer answer =
        (exchange, number) -> {
          if (number < statuses.length) {
            exchange.sendResponseHeaders(statuses[number], -1);
          } else {
            WebServer.file(exchange, FILE, ETAG, FILE.length);
          }
        };
    try (WebServer server = new WebServer(answer)) {
      assertArrayEquals(FILE, read(server, Fast.options()));
      assertEquals(3, server.ranges().size());
    }
  }

  @Test
  void shouldGiveUpAfterAllAttempts() {
    try (WebServer server = new WebServer((exchange, _) -> exchange.sendResponseHeaders(500, -1))) {
      Fast.assertFails(InputException.SERVER_ERROR, () -> read(server, Fast.options()), "HTTP status 500", "3 attempts");
      assertEquals(Fast.ATTEMPTS, server.ranges().size());
    }
  }

  @Test
  void shouldWaitAsLongAsServerAsks() throws IOException {
    WebServer.Answer answer =
        (exchange, number) -> {
          if (number == 0) {
            exchange.getResponseHeaders().set("Retry-After", "1");
            exchange.sendResponseHeaders(503, -1);
          } else {
            WebServer.file(exchange, FILE, ETAG, FILE.length);
          }
        };
    try (WebServer server = new WebServer(answer)) {
      assertArrayEquals(FILE, read(server, Fast.options()));
      Duration between = Duration.ofNanos(server.times().get(1) - server.times().get(0));
      assertTrue(between.toMillis() >= 990, between::toString);
    }
  }

  @Test
  void shouldNotWaitForAnHour() {
    WebServer.Answer answer =
        (exchange, _) -> {
          exchange.getResponseHeaders().set("Retry-After", "3600");
          exchange.sendResponseHeaders(429, -1);
        };
    try (WebServer server = new WebServer(answer)) {
      Fast.assertFails(InputException.SERVER_ERROR, () -> read(server, Fast.options()), "429");
      assertEquals(1, server.ranges().size());
    }
  }

  @Test
  void shouldGoOnAfterBodyStalls() throws IOException {
    CountDownLatch never = new CountDownLatch(1);
    WebServer.Answer answer =
        (exchange, number) -> {
          WebServer.file(exchange, FILE, ETAG, number == 0 ? 50_000 : FILE.length);
          if (number == 0) {
            never.await();
          }
        };
    try (WebServer server = new WebServer(answer)) {
      assertArrayEquals(FILE, read(server, Fast.impatient()));
      assertEquals("bytes=50000- if \"one\"", server.ranges().get(1));
    }
  }

  @Test
  void shouldNotWaitForEverForSlowServer() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Inputs inputs = new Inputs(Fast.impatient())) {
      Input input = inputs.of("http://127.0.0.1:" + silent.getLocalPort() + "/file.tar");
      Fast.assertFails(InputException.TOO_SLOW, input::open, "300 ms", "3 attempts");
    }
    CountDownLatch never = new CountDownLatch(1);
    WebServer.Answer answer =
        (exchange, _) -> {
          exchange.sendResponseHeaders(200, 10);
          exchange.getResponseBody().flush();
          never.await();
        };
    try (WebServer server = new WebServer(answer)) {
      Fast.assertFails(InputException.TOO_SLOW, () -> read(server, Fast.impatient()), "not a byte", "3 attempts");
    }
  }

  @Test
  void shouldNameServerThatIsNotThere() throws IOException {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = closed.getLocalPort();
    }
    try (Inputs inputs = new Inputs(Fast.options())) {
      Input input = inputs.of("http://127.0.0.1:" + port + "/file.tar");
      Fast.assertFails(InputException.UNREACHABLE, input::open, "http://127.0.0.1:" + port, "3 attempts");
    }
  }

  @Test
  void shouldFollowRedirects() throws IOException {
    WebServer.Answer answer =
        (exchange, _) -> {
          if (exchange.getRequestURI().getPath().equals("/file.tar")) {
            exchange.getResponseHeaders().set("Location", "/elsewhere");
            exchange.sendResponseHeaders(302, -1);
          } else {
            WebServer.file(exchange, FILE, ETAG, 200_000);
          }
        };
    try (WebServer server = new WebServer(answer)) {
      assertArrayEquals(FILE, read(server, Fast.options()));
      assertEquals(4, server.ranges().size());
    }
  }

  @Test
  void shouldEndReadingWhenClosedByAnotherThread() throws IOException, InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    WebServer.Answer answer =
        (exchange, _) -> {
          WebServer.file(exchange, FILE, ETAG, 1);
          never.await();
        };
    try (WebServer server = new WebServer(answer);
        Inputs inputs = new Inputs(Fast.options())) {
      InputStream stream = inputs.of(server.at("/file.tar")).open();
      assertEquals(FILE[0] & 0xff, stream.read());
      Thread closer = Thread.ofPlatform().start(() -> closeQuietly(stream));
      assertThrows(IOException.class, stream::read);
      closer.join();
      assertEquals(1, server.ranges().size());
    }
  }

  private static void closeQuietly(InputStream stream) {
    try {
      Thread.sleep(50); // most likely the other thread waits by now; if not, it must notice as well
      stream.close();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
