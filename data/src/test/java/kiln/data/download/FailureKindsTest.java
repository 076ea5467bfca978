package kiln.data.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Everything that can be wrong with a server has a name of its own, and keeps nothing else from being downloaded. */
class FailureKindsTest {
  private static final String OK = "HTTP/1.1 200 OK\r\n";
  private static final int ENDLESS = 64 << 20;

  private final WebHost host = new WebHost();
  private UntrustedHost untrusted;
  private final List<RawHost> raw = new ArrayList<>();
  private final Map<String, String> expected = new LinkedHashMap<>();
  private final byte[] png = WebHost.picture(1, "png");

  @TempDir Path temporary;

  @AfterEach
  void closeHosts() throws Exception {
    host.close();
    if (untrusted != null) {
      untrusted.close();
    }
    for (RawHost each : raw) {
      each.close();
    }
  }

  private void expect(String kind, String url) {
    expected.put(url, kind);
  }

  private void expect(String kind, RawHost rawHost) {
    raw.add(rawHost);
    expect(kind, rawHost.url());
  }

  /** Headers, then the first bytes of a picture. */
  private RawHost partial(String headers, int bytes) {
    return new RawHost(
        out -> {
          out.write((OK + headers).getBytes(StandardCharsets.ISO_8859_1));
          out.write(png, 0, bytes);
        });
  }

  private RawHost stalled(String headers) {
    return new RawHost(
        out -> {
          out.write((OK + headers).getBytes(StandardCharsets.ISO_8859_1));
          out.write(png, 0, 20);
          out.flush();
          Thread.sleep(60_000);
        });
  }

  /** A byte now and then: no stall, and no end. */
  private static void drip(OutputStream out, byte[] bytes) throws IOException, InterruptedException {
    for (int i = 0; i < 1000; i++) {
      out.write(bytes[i % bytes.length]);
      out.flush();
      Thread.sleep(50);
    }
  }

  @Test
  void shouldNameEveryFailure() throws Exception {
    untrusted = new UntrustedHost(temporary);
    addAddresses();
    addStatuses();
    addContents();
    addBrokenAnswers();
    expect("ok", host.page("/good.png", png));
    Duration patient = Duration.ofMinutes(1);
    check(new DownloadOptions.Times(patient, patient, patient));
  }

  @Test
  void shouldNotWaitForever() {
    expect("READ_TIMEOUT", stalled("Content-Length: " + png.length + "\r\n\r\n"));
    expect("READ_TIMEOUT", new RawHost(_ -> Thread.sleep(60_000)));
    expect("READ_TIMEOUT", new RawHost(out -> drip(out, "HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII))));
    expect(
        "READ_TIMEOUT",
        new RawHost(
            out -> {
              out.write((OK + "Content-Length: 1000\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
              drip(out, png);
            }));
    check(new DownloadOptions.Times(Duration.ofSeconds(10), Duration.ofMillis(500), Duration.ofSeconds(1)));
  }

  /** Downloads all that is expected, without retries. */
  private void check(DownloadOptions.Times times) {
    DownloadOptions options = Downloads.options();
    options =
        new DownloadOptions(
            new DownloadOptions.Crowd(64, 64, Duration.ZERO, 0),
            times,
            new DownloadOptions.Retries(0, Duration.ofMillis(10), Duration.ZERO),
            options.limits(),
            options.trust(),
            List.of(),
            options.retryFailed());
    Path out = temporary.resolve("out");
    List<String> urls = List.copyOf(expected.keySet());
    DownloadReport report = Downloads.run(Downloads.table(temporary.resolve("t.jsonl"), urls), out, options);

    Map<String, JsonNode> log = Downloads.log(out);
    Map<String, String> found = new LinkedHashMap<>();
    urls.forEach(url -> found.put(url, log.get(url).get("status").asString()));
    assertEquals(expected, found);
    long good = expected.values().stream().filter("ok"::equals).count();
    assertEquals(good, report.tables().ok());
    assertEquals(urls.size() - good, report.tables().failures().values().stream().mapToLong(f -> f.rows()).sum());
    assertEquals(good, Downloads.pictures(out).size(), "of a failure nothing stays");
    log.values().stream()
        .filter(line -> !line.get("status").asString().equals("ok"))
        .forEach(line -> assertTrue(line.get("detail").asString().length() > 3, line::toString));
  }

  private void addAddresses() {
    expect("BAD_URL", "no url at all");
    expect("BAD_URL", "file:///etc/passwd");
    expect("BAD_URL", "http://");
    expect("BAD_URL", "http://user:secret@127.0.0.1/");
    expect("HOST_UNKNOWN", "http://nowhere.invalid/a.png");
    expect("CONNECT_REFUSED", "http://127.0.0.1:1/a.png");
    expect("TLS", untrusted.url());
  }

  private void addStatuses() {
    expect("HTTP_404", host.url("/missing.png"));
    expect("HTTP_503", host.page("/down", (exchange, _) -> WebHost.send(exchange, 503, new byte[0])));
    expect("HTTP_304", host.page("/unchanged", (exchange, _) -> WebHost.send(exchange, 304, new byte[0])));
    expect("TOO_MANY_REDIRECTS", host.page("/loop", (exchange, _) -> WebHost.redirect(exchange, "/loop")));
    expect("BAD_REDIRECT", host.page("/file", (exchange, _) -> WebHost.redirect(exchange, "file:///etc/passwd")));
  }

  private void addContents() {
    byte[] page = "<!DOCTYPE html><html><title>Not found</title></html>".getBytes(StandardCharsets.UTF_8);
    expect("NOT_AN_IMAGE", host.page("/moved.png", page));
    expect("NOT_AN_IMAGE", host.page("/one-byte", new byte[] {(byte) 0xff}));
    expect("EMPTY", host.page("/empty", new byte[0]));
    expect("EMPTY", host.page("/nothing", (exchange, _) -> exchange.sendResponseHeaders(204, -1)));
    byte[] avif = "\0\0\0\40ftypavif\0\0\0\0avifmif1".getBytes(StandardCharsets.ISO_8859_1);
    expect("UNSUPPORTED_FORMAT", host.page("/new.avif", avif));
    byte[] svg = "<svg xmlns='http://www.w3.org/2000/svg'/>".getBytes(StandardCharsets.UTF_8);
    expect("UNSUPPORTED_FORMAT", host.page("/drawing.svg", svg));
    expect("TOO_LARGE", partial("Content-Length: 99999999\r\n\r\n", 60));
    expect(
        "TOO_LARGE",
        host.page(
            "/endless",
            (exchange, _) -> {
              exchange.sendResponseHeaders(200, 0); // chunked
              exchange.getResponseBody().write(png);
              for (int sent = 0; sent < ENDLESS; sent += 1 << 16) {
                exchange.getResponseBody().write(new byte[1 << 16]);
              }
            }));
  }

  private void addBrokenAnswers() {
    expect("TRUNCATED", partial("Content-Length: " + png.length + "\r\n\r\n", png.length - 1));
    expect("TRUNCATED", partial("Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(png.length) + "\r\n", 30));
    expect("BAD_RESPONSE", RawHost.of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nGIF89a\r\n"));
    expect("CONNECTION_LOST", new RawHost(_ -> {}));
    expect("BAD_RESPONSE", RawHost.of("220 mail.example.org ESMTP\r\n".repeat(300)));
    expect("BAD_RESPONSE", RawHost.of(OK + "X: " + "y".repeat(100_000) + "\r\n\r\n"));
    expect("BAD_RESPONSE", RawHost.of(OK + "X: y\r\n".repeat(1000) + "\r\n"));
  }
}
