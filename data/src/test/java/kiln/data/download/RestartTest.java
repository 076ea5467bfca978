package kiln.data.download;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import kiln.bindings.UserException;
import kiln.data.url.UrlSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever ends a run, the next one goes on from there and asks for nothing that is known. */
class RestartTest {
  private final WebHost host = new WebHost();

  @TempDir Path temporary;

  @AfterEach
  void closeHost() {
    host.close();
  }

  private Path out() {
    return temporary.resolve("out");
  }

  private Path log() {
    return out().resolve("downloads.jsonl");
  }

  private UrlSource table(String... urls) {
    return Downloads.table(temporary.resolve("table.jsonl"), List.of(urls));
  }

  @Test
  void shouldAskForNothingTwice() throws IOException {
    String good = host.page("/good.png", WebHost.picture(1, "png"));
    UrlSource table = table(good, host.url("/missing.png"), "not a url");
    Downloads.run(table, out(), Downloads.options());
    byte[] metadata = Files.readAllBytes(out().resolve("metadata.jsonl"));
    byte[] before = Files.readAllBytes(log());
    DownloadReport again = Downloads.run(table, out(), Downloads.options());
    assertEquals(2, host.allRequests());
    assertArrayEquals(before, Files.readAllBytes(log()));
    assertArrayEquals(metadata, Files.readAllBytes(out().resolve("metadata.jsonl")));
    assertEquals(new DownloadReport.Run(0, 0, 0, again.run().seconds(), 0), again.run());
    assertEquals(1, again.tables().ok());
    assertEquals(Set.of("HTTP_404", "BAD_URL"), again.tables().failures().keySet());
  }

  @Test
  void shouldTryAgainWhatTheUserNames() {
    String flaky =
        host.page(
            "/flaky",
            (exchange, request) -> {
              boolean well = request > 3;
              WebHost.send(exchange, well ? 200 : 502, well ? WebHost.picture(1, "png") : new byte[0]);
            });
    UrlSource table = table(flaky, host.url("/missing.png"));
    Downloads.run(table, out(), Downloads.options());
    assertEquals("HTTP_502", Downloads.log(out()).get(flaky).get("status").asString());
    DownloadReport report = Downloads.run(table, out(), Downloads.retrying("HTTP_5XX", "READ_TIMEOUT"));
    assertEquals("ok", Downloads.log(out()).get(flaky).get("status").asString());
    assertEquals(1, report.tables().ok());
    assertEquals(1, host.requests("/missing.png"));
    Downloads.run(table, out(), Downloads.retrying("all"));
    assertEquals(2, host.requests("/missing.png"));
    assertEquals(4, host.requests("/flaky"), "it has a picture");
    assertThrows(UserException.class, () -> Downloads.retrying("HTTP_5X"));
  }

  @Test
  void shouldRepairALineThatWasCutShort() throws IOException {
    String first = host.page("/1.png", WebHost.picture(1, "png"));
    String second = host.page("/2.png", WebHost.picture(2, "png"));
    UrlSource table = table(first, second);
    Downloads.run(table, out(), Downloads.options());
    byte[] whole = Files.readAllBytes(log());
    Files.write(log(), Arrays.copyOf(whole, whole.length - 7));
    DownloadReport report = Downloads.run(table, out(), Downloads.options());
    assertEquals(3, host.allRequests(), "only the line that was cut");
    assertEquals(2, Downloads.lines(log()).size());
    assertEquals(2, report.tables().ok());
    Files.writeString(log(), "\0\0\0\0\n", StandardOpenOption.APPEND);
    assertEquals(1, Downloads.run(table, out(), Downloads.options()).unreadableLines());
    assertEquals(3, host.allRequests());
  }

  @Test
  void shouldFetchPicturesAgainThatAreGoneOrCut() throws IOException {
    String first = host.page("/1.png", WebHost.picture(1, "png"));
    String second = host.page("/2.png", WebHost.picture(2, "png"));
    String third = host.page("/3.png", WebHost.picture(3, "png"));
    UrlSource table = table(first, second, third);
    Downloads.run(table, out(), Downloads.options());
    List<String> pictures = Downloads.pictures(out());
    byte[] content = Files.readAllBytes(out().resolve(pictures.get(1)));
    Files.delete(out().resolve(pictures.get(0)));
    Files.write(out().resolve(pictures.get(1)), new byte[3]);
    Downloads.run(table, out(), Downloads.options());
    assertEquals(5, host.allRequests());
    assertEquals(pictures, Downloads.pictures(out()));
    assertArrayEquals(content, Files.readAllBytes(out().resolve(pictures.get(1))));
  }

  @Test
  void shouldStopInGoodOrder() {
    CountDownLatch never = new CountDownLatch(1);
    String good = host.page("/good.png", WebHost.picture(1, "png"));
    String hanging = host.page("/hanging.png", (exchange, _) -> never.await(30, TimeUnit.SECONDS));
    UrlSource table = table(good, hanging);
    DownloadReport report;
    try (Downloader downloader = new Downloader(List.of(table), out(), Downloads.options(), false)) {
      report =
          downloader.run(_ -> {}, () -> host.requests("/hanging.png") > 0 && Downloads.log(out()).containsKey(good));
    }
    never.countDown();
    assertEquals("stopped", report.stopped());
    assertEquals(1, report.tables().ok());
    assertEquals(1, report.tables().open());
    assertEquals(Set.of(good), Downloads.log(out()).keySet(), "what was cut off is no failure");
    assertEquals(1, Downloads.metadata(out()).size());
    host.page("/hanging.png", WebHost.picture(2, "png"));
    assertEquals(2, Downloads.run(table, out(), Downloads.options()).tables().ok());
    assertEquals(1, host.requests("/good.png"));
  }

  @Test
  void shouldHaveTheFolderForItself() {
    UrlSource table = table(host.page("/a.png", WebHost.picture(1, "png")));
    try (Downloader _ = new Downloader(List.of(table), out(), Downloads.options(), false)) {
      UserException e =
          assertThrows(UserException.class, () -> Downloads.run(table, out(), Downloads.options()));
      assertTrue(e.getMessage().contains("another process is downloading"), e.getMessage());
    }
  }

  @Test
  void shouldGoOnAfterAKill() throws Exception {
    int count = 120;
    AtomicInteger answered = new AtomicInteger();
    CountDownLatch halfWay = new CountDownLatch(1);
    List<String> urls = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] picture = WebHost.picture(i, "png");
      urls.add(
          host.page(
              "/" + i,
              (exchange, request) -> {
                if (answered.incrementAndGet() > count / 2 && request == 1 && halfWay.getCount() > 0) {
                  exchange.sendResponseHeaders(200, picture.length);
                  exchange.getResponseBody().write(picture, 0, 30);
                  exchange.getResponseBody().flush();
                  halfWay.await(30, TimeUnit.SECONDS); // in the midst of a picture
                  return;
                }
                WebHost.send(exchange, 200, picture);
              }));
    }
    Path list = temporary.resolve("table.jsonl");
    UrlSource table = Downloads.table(list, urls);
    File errors = temporary.resolve("errors").toFile();
    Process process = DownloadProcess.start(List.of(), list, out(), errors);
    try {
      while (answered.get() <= count / 2 + 4 && process.isAlive()) {
        Thread.sleep(5);
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    halfWay.countDown();
    assertEquals("", Files.readString(errors.toPath()));
    Set<String> known = new HashSet<>(whole(Files.readAllBytes(log())));
    assertTrue(known.size() >= count / 4 && known.size() < count, known.size() + " of " + count + " before the kill");
    assertTrue(Files.exists(out().resolve(".partial")), "pictures were under way");

    DownloadReport report = Downloads.run(table, out(), Downloads.options());
    assertEquals(count, report.tables().ok());
    assertEquals(count - known.size(), report.run().stored());
    for (int i = 0; i < count; i++) {
      if (known.contains(urls.get(i))) {
        assertEquals(1, host.requests("/" + i), urls.get(i));
      } else {
        assertTrue(host.requests("/" + i) <= 2, urls.get(i));
      }
    }
    assertEquals(urls, Downloads.metadata(out()).stream().map(line -> line.get("url").asString()).toList());
    assertEquals(count, Downloads.lines(log()).size(), "one line a URL");
    assertFalse(Files.exists(out().resolve(".partial")));
  }

  /** URLs of the whole lines. */
  private static List<String> whole(byte[] log) {
    String text = new String(log, StandardCharsets.UTF_8);
    String lines = text.substring(0, text.lastIndexOf('\n') + 1);
    return lines.lines().map(line -> line.replaceFirst(".*\"url\":\"([^\"]*)\".*", "$1")).toList();
  }

  /** The limit of a process's files stands for a full disk: a write fails in the same place, and needs no privileges. */
  @Test
  void shouldKeepWhatIsThereWhenTheDiskIsFull() throws Exception {
    CountDownLatch small = new CountDownLatch(1);
    String good = host.page("/good.png", WebHost.picture(1, "png"));
    byte[] large = Arrays.copyOf(WebHost.picture(2, "png"), 300_000);
    String big =
        host.page(
            "/large.png",
            (exchange, _) -> {
              small.await(30, TimeUnit.SECONDS);
              WebHost.send(exchange, 200, large);
            });
    UrlSource table = table(good, big);
    File errors = temporary.resolve("errors").toFile();
    Process process =
        DownloadProcess.start(List.of("prlimit", "--fsize=100000"), temporary.resolve("table.jsonl"), out(), errors);
    while (process.isAlive() && (!Files.exists(log()) || Files.size(log()) == 0)) {
      Thread.sleep(5);
    }
    small.countDown();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    String said = Files.readString(errors.toPath());
    assertEquals(1, process.exitValue(), said);
    assertEquals(1, said.lines().count(), said);
    assertTrue(said.contains("cannot be written (File too large)"), said);
    assertTrue(said.contains("goes on from there"), said);
    assertEquals(1, Downloads.pictures(out()).size());
    assertEquals(Set.of(good), Downloads.log(out()).keySet());
    assertEquals(2, Downloads.run(table, out(), Downloads.options()).tables().ok());
    assertEquals(1, host.requests("/good.png"));
  }
}
