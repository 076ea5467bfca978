package kiln.data.download;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import kiln.data.image.Pictures;
import kiln.data.image.RgbImage;
import kiln.data.parquet.TableFiles;
import kiln.data.parquet.UrlTable;
import kiln.data.parquet.UrlTableOptions;
import kiln.data.parquet.WrittenParquet;
import kiln.data.queue.Manifest;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A table as LAION publishes it becomes a folder of pictures. */
class ParquetDownloadTest {
  private static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          """
          message laion {
            required binary URL (UTF8);
            required binary TEXT (UTF8);
            required int64 hash;
            required int32 WIDTH;
            optional double pwatermark;
            optional double punsafe;
          }
          """);

  @TempDir Path temporary;

  private static Group row(String url, String text, int width, Double pwatermark, Double punsafe) {
    Group row = new SimpleGroupFactory(SCHEMA).newGroup();
    row.append("URL", url).append("TEXT", text).append("hash", 1000L + width).append("WIDTH", width);
    if (pwatermark != null) {
      row.append("pwatermark", pwatermark);
    }
    if (punsafe != null) {
      row.append("punsafe", punsafe);
    }
    return row;
  }

  @Test
  void shouldDownloadWhatLaionsFiltersLetThrough() throws Exception {
    try (WebHost host = new WebHost()) {
      List<Group> rows = new ArrayList<>();
      rows.add(row(host.page("/0", WebHost.picture(0, "png")), "clean", 10, 0.1, 0.1));
      rows.add(row(host.page("/1", WebHost.picture(1, "png")), "marked", 11, 0.6, 0.1));
      rows.add(row(host.page("/2", WebHost.picture(2, "png")), "unsafe", 12, 0.1, 1.0));
      rows.add(row(host.page("/3", WebHost.picture(3, "png")), "unknown", 13, null, 0.1));
      rows.add(row(host.page("/4", WebHost.picture(4, "png")), "fine", 14, 0.59, 0.99));
      Path file = temporary.resolve("laion.parquet");
      WrittenParquet.write(file, SCHEMA, CompressionCodecName.SNAPPY, 1, List.of(rows));
      UrlTable table = new UrlTable(TableFiles.of(List.of(file.toString()), Downloads.INPUTS), UrlTableOptions.laion());
      Path out = temporary.resolve("out");
      DownloadReport report = Downloads.run(table, out, Downloads.options());

      List<JsonNode> metadata = Downloads.metadata(out);
      assertEquals(List.of("clean", "fine"), metadata.stream().map(line -> line.get("text").asString()).toList());
      assertEquals(10, metadata.getFirst().get("WIDTH").asInt());
      assertEquals(2, host.allRequests(), "what is left out is not asked for");
      assertEquals(2, report.tables().rows());
      Map<String, Long> leftOut =
          report.tables().leftOut().stream().collect(Collectors.toMap(Manifest.Skipped::reason, Manifest.Skipped::count));
      assertEquals(Map.of("pwatermark not below 0.6", 1L, "punsafe not below 1.0", 1L, "no pwatermark", 1L), leftOut);
      RgbImage picture = Pictures.readWhole(out.resolve(metadata.getFirst().get("file_name").asString()));
      assertEquals(8, picture.width());
    }
  }
}
