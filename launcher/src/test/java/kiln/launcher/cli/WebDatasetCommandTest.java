package kiln.launcher.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import kiln.launcher.KilnProcess;
import kiln.launcher.Outcome;
import kiln.launcher.ranks.ExitStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shards that the system's tar has written. */
class WebDatasetCommandTest {
  @TempDir Path temporary;
  private Path out;

  @BeforeEach
  void makeShards() throws Exception {
    out = temporary.resolve("data");
    shard("shard-000.tar", "a", "b");
    shard("shard-001.tar", "c", "d");
  }

  private Path shard(String name, String... keys) throws Exception {
    Path files = Files.createDirectory(temporary.resolve("files"));
    List<String> command = new ArrayList<>(List.of("tar", "-cf", temporary.resolve(name).toString()));
    for (String key : keys) {
      Files.write(files.resolve(key + ".png"), png());
      Files.writeString(files.resolve(key + ".txt"), "Picture " + key + ".");
      Files.writeString(files.resolve(key + ".json"), "{\"id\": \"" + key + "\"}");
      command.addAll(List.of(key + ".png", key + ".txt", key + ".json"));
    }
    Process tar = new ProcessBuilder(command).directory(files.toFile()).inheritIO().start();
    assertEquals(0, tar.waitFor());
    try (Stream<Path> all = Files.list(files)) {
      for (Path file : all.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(files);
    return temporary.resolve(name);
  }

  private static byte[] png() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(20, 20, BufferedImage.TYPE_INT_RGB), "png", bytes);
    return bytes.toByteArray();
  }

  private Outcome build(String... arguments) {
    String[] own = {
      "data", "webdataset", "--out", out.toString(), "--block-size", "2", "--size", "32x32", "--validation-share", "0"
    };
    return KilnProcess.runHere(Stream.concat(Stream.of(own), Stream.of(arguments)).toArray(String[]::new));
  }

  @Test
  void shouldBuildFromShards() {
    String said = build(temporary + "/shard-{000..001}.tar").assertOk().out();
    assertTrue(said.contains("train: 4 samples"), said);
    assertFalse(said.contains("skipped"), said);
    KilnProcess.runHere("data", "verify", out.toString()).assertOk();
  }

  @Test
  void shouldBuildFromFolderCommandAndServerAlike() throws IOException {
    byte[] first = Files.readAllBytes(temporary.resolve("shard-000.tar"));
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/shard-000.tar",
        exchange -> {
          exchange.sendResponseHeaders(200, first.length);
          exchange.getResponseBody().write(first);
          exchange.close();
        });
    server.start();
    try {
      String web = "http://127.0.0.1:" + server.getAddress().getPort() + "/shard-000.tar";
      String said = build(temporary.toString(), web, "pipe:cat " + temporary + "/shard-001.tar").assertOk().out();
      assertTrue(said.contains("train: 8 samples"), said);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void shouldCountWhatIsLeftOut() throws IOException {
    byte[] whole = Files.readAllBytes(temporary.resolve("shard-001.tar"));
    Files.write(temporary.resolve("shard-001.tar"), Arrays.copyOf(whole, 5 * 512 + 4));
    String said = build(temporary + "/shard-{000..002}.tar").assertOk().out();
    assertTrue(said.contains("train: 2 samples"), said);
    assertTrue(said.lines().anyMatch(line -> line.startsWith("skipped ") && line.contains("truncated shard")), said);
    assertTrue(said.lines().anyMatch(line -> line.startsWith("skipped ") && line.contains("not found")), said);
    assertTrue(said.contains("shard-001.tar") && said.contains("shard-002.tar"), said);
  }

  @Test
  void shouldRefuseDamageIfStrict() throws IOException {
    byte[] whole = Files.readAllBytes(temporary.resolve("shard-001.tar"));
    Files.write(temporary.resolve("shard-001.tar"), Arrays.copyOf(whole, 5 * 512 + 4));
    build("--strict", temporary.toString()).assertRefused(ExitStatus.USER_ERROR, "shard-001.tar", "in the middle");
    assertFalse(Files.exists(out));
  }

  @Test
  void shouldRefuseShardsThatAreNotThere() {
    build(temporary + "/shard-7.tar").assertRefused(ExitStatus.USER_ERROR, "shard-7.tar", "no such file");
    build(temporary + "/*.zip").assertRefused(ExitStatus.USER_ERROR, "*.zip", "matches no file");
    build("ftp://host/x.tar").assertRefused(ExitStatus.USER_ERROR, "ftp://host/x.tar", "s3://bucket/key");
    build("pipe:echo no shard here >&2; exit 9").assertRefused(ExitStatus.USER_ERROR, "exit status 9: no shard here");
    assertFalse(Files.exists(out));
  }

  @Test
  void shouldRefuseMalformedValues() {
    String shards = temporary.toString();
    build().assertRefused(ExitStatus.USAGE, "SHARDS");
    build(shards, "--shards-at-once", "0").assertRefused(ExitStatus.USER_ERROR, "--shards-at-once", "0");
    build(shards, "--io-attempts", "0").assertRefused(ExitStatus.USER_ERROR, "--io-attempts", "0");
    build(shards, "--stall-timeout", "soon").assertRefused(ExitStatus.USAGE, "--stall-timeout", "soon");
    build(shards, "--s3-endpoint", "host:9000").assertRefused(ExitStatus.USER_ERROR, "--s3-endpoint", "host:9000");
    build(shards, "--shuffle-shards", "x").assertRefused(ExitStatus.USAGE, "--shuffle-shards", "x");
    assertFalse(Files.exists(out));
  }

  @Test
  void shouldExplainItself() {
    String help = KilnProcess.runHere("data", "webdataset", "--help").assertOk().out();
    for (String part : List.of("SHARDS", "--caption-field", "--s3-endpoint", "--shuffle-shards", "pipe:COMMAND")) {
      assertTrue(help.contains(part), help);
    }
  }
}
