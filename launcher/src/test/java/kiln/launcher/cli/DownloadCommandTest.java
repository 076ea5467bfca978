package kiln.launcher.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.preset.PresetJson;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class DownloadCommandTest {
  private final CountDownLatch hanging = new CountDownLatch(1);
  private final CountDownLatch end = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory());
  private HttpServer server;

  @TempDir Path temporary;

  @BeforeEach
  void startServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/missing.png", exchange -> send(exchange, 404));
    server.createContext("/good.png", exchange -> send(exchange, 200));
    server.createContext("/hanging.png", this::hang);
    server.start();
  }

  @AfterEach
  void stopServer() {
    end.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private void hang(HttpExchange exchange) throws IOException {
    hanging.countDown();
    try {
      end.await(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    send(exchange, 200);
  }

  private static void send(HttpExchange exchange, int status) throws IOException {
    try (exchange) {
      ByteArrayOutputStream png = new ByteArrayOutputStream();
      ImageIO.write(new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB), "png", png);
      exchange.sendResponseHeaders(status, png.size());
      png.writeTo(exchange.getResponseBody());
    }
  }

  private Path list(String... paths) throws IOException {
    List<String> lines =
        List.of(paths).stream()
            .map(path -> path.startsWith("/") ? "http://127.0.0.1:" + server.getAddress().getPort() + path : path)
            .toList();
    return Files.write(temporary.resolve("list.txt"), lines);
  }

  private String[] command(Path list, String... more) {
    String[] command = new String[5 + more.length];
    System.arraycopy(
        new String[] {"data", "download", list.toString(), "--out", temporary.resolve("out").toString()}, 0, command, 0, 5);
    System.arraycopy(more, 0, command, 5, more.length);
    return command;
  }

  @Test
  void shouldReportWhatItGot() throws IOException {
    Path list = list("/good.png", "/missing.png", "/good.png?again", "ftp://example.org/");
    String out = KilnProcess.runHere(command(list, "--allow-private", "--host-delay", "0ms")).assertOk().out();
    assertTrue(out.contains("2 of 4 rows have a picture: 1 different ones"), out);
    assertTrue(out.contains("failed 1: HTTP_404, for example http://127.0.0.1"), out);
    assertTrue(out.contains("failed 1: BAD_URL"), out);
    assertTrue(out.contains("this run: 2 pictures, 2 failed"), out);
    String again = KilnProcess.runHere(command(list, "--allow-private")).assertOk().out();
    assertTrue(again.contains("this run: 0 pictures, 0 failed"), again);
  }

  @Test
  void shouldReportAsJson() throws IOException {
    String out = KilnProcess.runHere(command(list("/good.png"), "--json")).assertOk().out();
    JsonNode report = PresetJson.MAPPER.readTree(out);
    assertEquals(1, report.at("/tables/failures/FORBIDDEN_ADDRESS/rows").asInt(), "private addresses are not asked");
    out = KilnProcess.runHere(command(list("/good.png"), "--json", "--allow-private", "--retry-failed", "all")).out();
    report = PresetJson.MAPPER.readTree(out);
    assertEquals(1, report.at("/tables/pictures").asInt());
    assertEquals(1, report.at("/run/stored").asInt());
    assertFalse(report.has("stopped"));
  }

  @Test
  void shouldEndInGoodOrderWhenInterrupted() throws Exception {
    Path list = list("/hanging.png", "/good.png");
    try (KilnProcess kiln = KilnProcess.start(command(list, "--allow-private", "--host-delay", "0ms"))) {
      assertTrue(hanging.await(60, TimeUnit.SECONDS));
      Path log = temporary.resolve("out/downloads.jsonl");
      while (!Files.exists(log) || Files.size(log) == 0) {
        Thread.sleep(5);
      }
      kiln.signal("INT");
      Outcome outcome = kiln.await().assertStopped();
      assertTrue(outcome.out().contains("1 of 2 rows have a picture"), outcome::toString);
      assertTrue(outcome.out().contains("not tried yet: 1"), outcome::toString);
      assertTrue(outcome.out().contains("stopped; go on with: ./kiln data download " + list), outcome::toString);
    }
    end.countDown();
    String out = KilnProcess.runHere(command(list, "--allow-private")).assertOk().out();
    assertTrue(out.contains("2 of 2 rows have a picture"), out);
    assertTrue(out.contains("this run: 1 pictures"), out);
  }

  @Test
  void shouldRefuseWhatItCannotDo() throws IOException {
    Path list = list("/good.png");
    KilnProcess.runHere("data", "download", "--out", "x").assertRefused(ExitStatus.USAGE, "TABLE", "missing");
    KilnProcess.runHere(command(temporary.resolve("none.txt"))).assertRefused(ExitStatus.USER_ERROR, "none.txt: there is no such file");
    KilnProcess.runHere(command(Files.createFile(temporary.resolve("t.xls"))))
        .assertRefused(ExitStatus.USER_ERROR, "t.xls: expected a name that ends in one of .parquet .txt");
    KilnProcess.runHere(command(list, "--connections", "0")).assertRefused(ExitStatus.USER_ERROR, "--connections 0: expected 1");
    KilnProcess.runHere(command(list, "--timeout", "5")).assertRefused(ExitStatus.USAGE, "option --timeout: expected a time");
    KilnProcess.runHere(command(list, "--retry-failed", "HTTP_999"))
        .assertRefused(ExitStatus.USER_ERROR, "--retry-failed HTTP_999: expected all", "READ_TIMEOUT");
    KilnProcess.runHere(command(list, "--no-captions", "--caption-column", "a"))
        .assertRefused(ExitStatus.USER_ERROR, "option --no-captions: expected without --caption-column a");
    KilnProcess.runHere(command(list, "--user-agent", "ki\nln"))
        .assertRefused(ExitStatus.USER_ERROR, "--user-agent: expected printable");
    assertFalse(Files.exists(temporary.resolve("out")));
  }
}
