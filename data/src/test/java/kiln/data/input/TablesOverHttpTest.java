package kiln.data.input;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kiln.data.jsonl.JsonLinesOptions;
import kiln.data.jsonl.JsonLinesSource;
import kiln.data.parquet.ParquetOptions;
import kiln.data.parquet.ParquetSource;
import kiln.data.parquet.TableFiles;
import kiln.data.source.RawSample;
import kiln.data.source.RawSamples;
import kiln.data.source.RawSource;
import kiln.data.source.SkipReport;
import kiln.data.source.UnusableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TablesOverHttpTest {
  private static WebServer server(Map<String, byte[]> files, int most) {
    return new WebServer(
        (exchange, _) -> {
          byte[] file = files.get(exchange.getRequestURI().getPath());
          if (file == null) {
            exchange.sendResponseHeaders(404, -1);
          } else {
            WebServer.file(exchange, file, "\"one\"", most);
          }
        });
  }

  private static List<RawSample> read(RawSource source, SkipReport skips) {
    List<RawSample> samples = new ArrayList<>();
    try (RawSamples all = source.open(skips)) {
      all.forEachRemaining(samples::add);
    }
    return samples;
  }

  @Test
  void shouldReadParquetByRangesOverBrokenConnections() throws Exception {
    Path file = Path.of("src/test/resources/parquet/pictures-zstd.parquet");
    try (WebServer server = server(Map.of("/a/x.parquet", Files.readAllBytes(file)), 900);
        Inputs inputs = new Inputs(Fast.options())) {
      SkipReport skips = new SkipReport(false);
      ParquetSource remote =
          new ParquetSource(
              TableFiles.of(List.of(server.at("/a/x.parquet"), server.at("/a/y.parquet")), inputs), ParquetOptions.defaults());
      ParquetSource local = new ParquetSource(TableFiles.of(List.of(file.toString()), inputs), ParquetOptions.defaults());
      List<RawSample> there = read(remote, skips);
      List<RawSample> here = read(local, new SkipReport(false));
      assertEquals(11, there.size());
      for (int i = 0; i < 11; i++) {
        assertArrayEquals(here.get(i).picture().read(), there.get(i).picture().read());
        assertEquals(here.get(i).truth(), there.get(i).truth());
      }
      assertEquals("x.parquet#11", there.getLast().key());
      assertEquals("not found", skips.summary().getLast().reason());
      assertTrue(skips.summary().getLast().examples().getFirst().startsWith(server.at("/a/y.parquet")));
      assertTrue(remote.count().isEmpty());
    }
  }

  @Test
  void shouldLoseRowsOfAServerThatGoesAwayForItsReason() throws Exception {
    byte[] bytes = Files.readAllBytes(Path.of("src/test/resources/parquet/pictures-none.parquet"));
    WebServer.Answer leaving =
        (exchange, number) -> {
          if (number < 7) {
            WebServer.file(exchange, bytes, "\"one\"", bytes.length);
          } else {
            exchange.sendResponseHeaders(503, -1);
          }
        };
    try (WebServer server = new WebServer(leaving);
        Inputs inputs = new Inputs(Fast.options())) {
      SkipReport skips = new SkipReport(false);
      ParquetSource source =
          new ParquetSource(TableFiles.of(List.of(server.at("/x.parquet")), inputs), ParquetOptions.defaults());
      assertTrue(read(source, skips).size() < 11);
      assertEquals(List.of("server error"), skips.summary().stream().map(s -> s.reason()).distinct().toList());
    }
  }

  @Test
  void shouldFindPicturesBesideJsonLines() throws Exception {
    byte[] lines =
        "{\"image\": \"deep/a b.png\", \"text\": \"x\"}\n{\"image\": \"gone.png\"}\n{\"image\": \"../x.png\"}\n"
            .getBytes(StandardCharsets.UTF_8);
    byte[] picture = {1, 2, 3};
    try (WebServer server = server(Map.of("/set/all.jsonl", lines, "/set/deep/a b.png", picture), 1000);
        Inputs inputs = new Inputs(Fast.options())) {
      SkipReport skips = new SkipReport(false);
      JsonLinesSource source =
          new JsonLinesSource(List.of(server.at("/set/all.jsonl")), JsonLinesOptions.defaults(), inputs);
      List<RawSample> samples = read(source, skips);
      assertEquals(List.of("all.jsonl#1", "all.jsonl#2"), samples.stream().map(RawSample::key).toList());
      assertArrayEquals(picture, samples.getFirst().picture().read());
      UnusableException gone = assertThrows(UnusableException.class, () -> samples.get(1).picture().read());
      assertEquals("not found", gone.reason());
      assertEquals("path leaves its folder", skips.summary().getFirst().reason());
    }
  }
}
