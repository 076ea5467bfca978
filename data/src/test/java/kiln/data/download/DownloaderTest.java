package kiln.data.download;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import kiln.bindings.UserException;
import kiln.data.source.SkipReport;
import kiln.data.url.UrlRow;
import kiln.data.url.UrlRows;
import kiln.data.url.UrlSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class DownloaderTest {
  private final WebHost host = new WebHost();

  @TempDir Path temporary;

  @AfterEach
  void closeHost() {
    host.close();
  }

  private Path out() {
    return temporary.resolve("out");
  }

  private DownloadReport download(List<String> urls, DownloadOptions options) {
    return Downloads.run(Downloads.table(temporary.resolve("table.jsonl"), urls), out(), options);
  }

  @Test
  void shouldStoreByContentAndKeepTheOrderOfTheTable() throws Exception {
    CountDownLatch others = new CountDownLatch(2);
    byte[] png = WebHost.picture(1, "png");
    byte[] jpeg = WebHost.picture(2, "jpg");
    String slow =
        host.page(
            "/slow.png",
            (exchange, _) -> {
              others.await(10, TimeUnit.SECONDS);
              WebHost.send(exchange, 200, png);
            });
    String misnamed =
        host.page(
            "/picture.png",
            (exchange, _) -> {
              WebHost.send(exchange, 200, jpeg);
              others.countDown();
            });
    String same =
        host.page(
            "/copy?of=it",
            (exchange, _) -> {
              WebHost.send(exchange, 200, png);
              others.countDown();
            });
    List<Map<String, Object>> rows = new ArrayList<>();
    rows.add(Map.of("url", slow, "text", "eins", "similarity", 0.25, "sha256", ""));
    rows.add(Map.of("url", misnamed, "text", "zwei", "file_name", "mine"));
    rows.add(Map.of("url", same, "text", "drei"));
    rows.add(Map.of("url", slow, "text", "vier"));
    DownloadReport report = Downloads.run(Downloads.rows(temporary.resolve("t.jsonl"), rows), out(), Downloads.options());

    String pngSha = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(png));
    String pngName = "images/" + pngSha.substring(0, 2) + "/" + pngSha + ".png";
    List<JsonNode> metadata = Downloads.metadata(out());
    assertEquals(List.of("eins", "zwei", "drei", "vier"), metadata.stream().map(l -> l.get("text").asString()).toList());
    JsonNode first = metadata.get(0);
    assertEquals(pngName, first.get("file_name").asString());
    assertEquals(pngSha, first.get("sha256").asString());
    assertEquals(slow, first.get("url").asString());
    assertEquals(0.25, first.get("similarity").doubleValue());
    assertEquals(List.of("file_name", "text", "url", "sha256", "similarity"), List.copyOf(first.propertyNames()));
    assertTrue(metadata.get(1).get("file_name").asString().endsWith(".jpg"), "the content decides");
    assertEquals(pngName, metadata.get(2).get("file_name").asString());
    assertEquals(2, Downloads.pictures(out()).size());
    assertArrayEquals(png, Files.readAllBytes(out().resolve(pngName)));
    assertEquals(1, host.requests("/slow.png"), "two rows, one request");
    assertEquals(3, Downloads.lines(out().resolve("downloads.jsonl")).size());

    assertEquals(4, report.tables().rows());
    assertEquals(4, report.tables().ok());
    assertEquals(2, report.tables().pictures());
    assertEquals(png.length + jpeg.length, report.tables().bytes());
    assertEquals(3, report.run().stored());
    JsonNode line = Downloads.log(out()).get(slow);
    assertEquals("ok", line.get("status").asString());
    assertEquals(200, line.get("http").asInt());
    assertEquals(png.length, line.get("bytes").asInt());
    assertEquals(1, line.get("attempts").asInt());
    assertFalse(Files.exists(out().resolve(".partial")));
  }

  @Test
  void shouldTryAgainWhatMayPass() {
    byte[] png = WebHost.picture(1, "png");
    String busy =
        host.page(
            "/busy", (exchange, request) -> WebHost.send(exchange, request < 3 ? 503 : 200, request < 3 ? new byte[0] : png));
    String never = host.page("/never", (exchange, _) -> WebHost.send(exchange, 500, new byte[0]));
    String gone = host.page("/gone", (exchange, _) -> WebHost.send(exchange, 410, new byte[0]));
    String unknown = host.page("/501", (exchange, _) -> WebHost.send(exchange, 501, new byte[0]));
    download(List.of(busy, never, gone, unknown), Downloads.options());
    Map<String, JsonNode> log = Downloads.log(out());
    assertEquals("ok", log.get(busy).get("status").asString());
    assertEquals(3, log.get(busy).get("attempts").asInt());
    assertEquals("HTTP_500", log.get(never).get("status").asString());
    assertEquals(3, host.requests("/never"));
    assertEquals("HTTP_410", log.get(gone).get("status").asString());
    assertEquals(1, host.requests("/gone"), "what stays is not asked again");
    assertEquals(1, host.requests("/501"));
  }

  @Test
  void shouldHonourRetryAfter() {
    byte[] png = WebHost.picture(1, "png");
    List<Long> times = new ArrayList<>();
    String wait =
        host.page(
            "/wait",
            (exchange, request) -> {
              synchronized (times) {
                times.add(System.nanoTime());
              }
              exchange.getResponseHeaders().set("Retry-After", "1");
              WebHost.send(exchange, request == 1 ? 429 : 200, request == 1 ? new byte[0] : png);
            });
    String tooLong =
        host.page(
            "/tomorrow",
            (exchange, _) -> {
              exchange.getResponseHeaders().set("Retry-After", "86400");
              WebHost.send(exchange, 429, new byte[0]);
            });
    download(List.of(wait, tooLong), Downloads.options());
    assertEquals("ok", Downloads.log(out()).get(wait).get("status").asString());
    assertEquals(2, times.size());
    assertTrue(times.get(1) - times.get(0) >= Duration.ofSeconds(1).toNanos(), "asked before its time");
    assertEquals("HTTP_429", Downloads.log(out()).get(tooLong).get("status").asString());
    assertEquals(1, host.requests("/tomorrow"), "nobody waits a day");
  }

  @Test
  void shouldFollowRedirections() {
    host.page("/pictures/it.png", WebHost.picture(1, "png"));
    String start = host.page("/a/b", (exchange, _) -> WebHost.redirect(exchange, "../c?d=e f"));
    host.page("/c?d=e%20f", (exchange, _) -> WebHost.redirect(exchange, host.url("/pictures/it.png#there")));
    download(List.of(start), Downloads.options());
    assertEquals("ok", Downloads.log(out()).get(start).get("status").asString());
    assertEquals(1, Downloads.log(out()).get(start).get("attempts").asInt());
  }

  @Test
  void shouldCompareChecksums() throws Exception {
    byte[] png = WebHost.picture(1, "png");
    String url = host.page("/a.png", png);
    String md5 = HexFormat.of().withUpperCase().formatHex(MessageDigest.getInstance("MD5").digest(png));
    String wrong = "0".repeat(64);
    List<Map<String, Object>> rows =
        List.of(
            Map.of("url", url, "text", "a", "md5", md5),
            Map.of("url", url, "text", "b", "sha256", wrong),
            Map.of("url", url, "text", "c", "md5", "not a checksum"));
    DownloadReport report = Downloads.run(Downloads.rows(temporary.resolve("t.jsonl"), rows), out(), Downloads.options());
    assertEquals(List.of("a", "c"), Downloads.metadata(out()).stream().map(l -> l.get("text").asString()).toList());
    assertEquals(1, report.tables().failures().get("HASH_MISMATCH").rows());
    assertTrue(report.tables().failures().get("HASH_MISMATCH").example().contains("expected " + wrong));
  }

  @Test
  void shouldHonourWhatServersForbid() {
    byte[] png = WebHost.picture(1, "png");
    String forbidden =
        host.page(
            "/mine.png",
            (exchange, _) -> {
              exchange.getResponseHeaders().set("X-Robots-Tag", "NoAI, nofollow");
              WebHost.send(exchange, 200, png);
            });
    download(List.of(forbidden), Downloads.options());
    assertEquals("NOAI", Downloads.log(out()).get(forbidden).get("status").asString());
    assertEquals(List.of(), Downloads.metadata(out()));
    Path other = temporary.resolve("other");
    DownloadOptions ignoring = Downloads.with(new DownloadOptions.Trust(true, true, "kiln/0.1"));
    DownloadReport report = Downloads.run(Downloads.list(temporary.resolve("table.jsonl")), other, ignoring);
    assertEquals(1, report.tables().ok());
  }

  @Test
  void shouldNotAskPrivateAddresses() {
    String url = host.page("/a.png", WebHost.picture(1, "png"));
    String named = url.replace("127.0.0.1", "localhost");
    String number = url.replace("127.0.0.1", "2130706433");
    download(List.of(url, named, number), Downloads.with(DownloadOptions.defaults().trust()));
    Downloads.log(out()).values().forEach(line -> assertEquals("FORBIDDEN_ADDRESS", line.get("status").asString()));
    assertEquals(3, Downloads.log(out()).size());
    assertEquals(0, host.allRequests());
  }

  @Test
  void shouldNotTryTheOthersOfADeadHost() {
    List<String> urls = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      urls.add("http://127.0.0.1:1/" + i); // port 1: nobody listens
    }
    DownloadOptions options = Downloads.with(new DownloadOptions.Crowd(1, 1, Duration.ZERO, 6));
    DownloadReport report = download(urls, options);
    long refused = report.tables().failures().get("CONNECT_REFUSED").rows();
    long givenUp = report.tables().failures().get("HOST_GIVEN_UP").rows();
    assertEquals(20, refused + givenUp);
    assertTrue(refused >= 1 && refused <= 6, refused + " of 20 were tried, six requests in a row were allowed");
    assertEquals("CONNECT_REFUSED", Downloads.log(out()).get(urls.getFirst()).get("status").asString(), "it was tried");
  }

  @Test
  void shouldAskOneHostOnlySoOftenAtOnce() throws InterruptedException {
    int perHost = 3;
    byte[] png = WebHost.picture(1, "png");
    Map<String, AtomicInteger> now = Map.of("127.0.0.1", new AtomicInteger(), "localhost", new AtomicInteger());
    Map<String, AtomicInteger> most = Map.of("127.0.0.1", new AtomicInteger(), "localhost", new AtomicInteger());
    CountDownLatch crowd = new CountDownLatch(2 * perHost); // both hosts at their limit
    List<String> urls = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      String path = "/" + i;
      String url =
          host.page(
              path,
              (exchange, _) -> {
                String name = exchange.getRequestHeaders().getFirst("Host").split(":")[0];
                int running = now.get(name).incrementAndGet();
                most.get(name).accumulateAndGet(running, Math::max);
                crowd.countDown();
                crowd.await(10, TimeUnit.SECONDS);
                now.get(name).decrementAndGet();
                WebHost.send(exchange, 200, png);
              });
      urls.add(i < 12 ? url : url.replace("127.0.0.1", "localhost")); // one host first, then the other
    }
    DownloadReport report = download(urls, Downloads.with(new DownloadOptions.Crowd(16, perHost, Duration.ZERO, 0)));
    assertEquals(24, report.tables().ok());
    assertEquals(0, crowd.getCount(), "the second host had to wait for the first");
    most.forEach((name, count) -> assertEquals(perHost, count.get(), name));
  }

  @Test
  void shouldEndBeforeTheFolderIsTooLarge() {
    List<String> urls = new ArrayList<>();
    byte[] large = Arrays.copyOf(WebHost.picture(1, "png"), 1000);
    for (int i = 0; i < 10; i++) {
      byte[] own = large.clone();
      own[999] = (byte) i;
      urls.add(host.page("/" + i, own));
    }
    DownloadReport report = download(urls, Downloads.with(new DownloadOptions.Limits(0, 1 << 20, 4500)));
    assertEquals("--max-bytes is reached", report.stopped());
    assertEquals(4, report.tables().pictures());
    assertEquals(6, report.tables().open());
    assertEquals(4, Downloads.metadata(out()).size());
    report = download(urls, Downloads.options());
    assertEquals(10, report.tables().pictures());
    assertEquals(6, report.run().stored());
  }

  @Test
  void shouldRefuseForeignFolders() throws Exception {
    Files.createDirectories(out());
    Files.writeString(out().resolve("mine"), "mine");
    String url = host.page("/a.png", WebHost.picture(1, "png"));
    UserException e = assertThrows(UserException.class, () -> download(List.of(url), Downloads.options()));
    assertTrue(e.getMessage().contains("holds files, but no downloads.jsonl"), e.getMessage());
  }

  @Test
  void shouldLeaveOutCaptionsThatAreNotUtf8() {
    String url = host.page("/a.png", WebHost.picture(1, "png"));
    UrlRow row =
        new UrlRow(url, "k", "table, row 1", "caf\u00e9".getBytes(StandardCharsets.ISO_8859_1), "{}");
    DownloadReport report = Downloads.run(new OneRow(row), out(), Downloads.options());
    assertEquals(List.of(), Downloads.metadata(out()));
    assertEquals("caption not UTF-8", report.tables().leftOut().getFirst().reason());
  }

  private record OneRow(UrlRow row) implements UrlSource {
    @Override
    public String name() {
      return "one";
    }

    @Override
    public Map<String, Object> settings() {
      return Map.of();
    }

    @Override
    public OptionalLong count() {
      return OptionalLong.of(1);
    }

    @Override
    public UrlRows open(SkipReport skips) {
      Iterator<UrlRow> rows = List.of(row).iterator();
      return new UrlRows() {
        @Override
        public boolean hasNext() {
          return rows.hasNext();
        }

        @Override
        public UrlRow next() {
          return rows.next();
        }

        @Override
        public void close() {}
      };
    }
  }
}
