package kiln.data.download;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kiln.bindings.UserException;
import kiln.data.source.SkipReport;
import kiln.data.source.UnusableException;
import kiln.data.text.Utf8;
import kiln.data.url.UrlRow;
import kiln.data.url.UrlRows;
import kiln.data.url.UrlSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code metadata.jsonl}, as Hugging Face's imagefolder has it: a line for each row that has a picture, in the order of the tables
 * whatever the order of the answers was. It is written from the tables and the log when a run ends.
 *
 * @see <a href="https://huggingface.co/docs/datasets/image_dataset#imagefolder">ImageFolder</a>
 */
final class MetadataFile {
  static final String NAME = "metadata.jsonl";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final DownloadLog log;
  private final TargetIndex index;
  private final List<String> checksumColumns;
  private final TargetIndex pictures = new TargetIndex();
  private final Map<String, DownloadReport.Failures> failures = new LinkedHashMap<>();
  private long rows;
  private long ok;
  private long open;
  private long numPictures;
  private long bytes;

  MetadataFile(DownloadLog log, TargetIndex index, List<String> checksumColumns) {
    this.log = log;
    this.index = index;
    this.checksumColumns = checksumColumns;
  }

  /** What a table says beside URL and caption. */
  static JsonNode extra(UrlRow row) {
    return JSON.readTree(row.extra());
  }

  /**
   * @throws UserException if it cannot be written; then an older one is as it was
   */
  DownloadReport.Tables write(Path folder, List<UrlSource> tables, SkipReport skips) {
    Path file = folder.resolve(NAME);
    Path aside = folder.resolve(NAME + ".tmp");
    try {
      try (FileChannel channel =
              FileChannel.open(
                  aside, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
          OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16)) {
        for (UrlSource table : tables) {
          try (UrlRows all = table.open(skips)) {
            while (all.hasNext()) {
              write(all.next(), out, skips);
            }
          }
        }
        out.flush();
        channel.force(true);
      }
      Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UserException(file + ": cannot be written (" + e.getMessage() + ")", e);
    } finally {
      deleteQuietly(aside);
    }
    return new DownloadReport.Tables(rows, ok, numPictures, bytes, mostFrequentFirst(), open, skips.summary());
  }

  private void write(UrlRow row, OutputStream out, SkipReport skips) throws IOException {
    rows++;
    JsonNode extra = extra(row);
    long place = index.get(Target.of(row, extra, checksumColumns).key());
    if (place < 0) {
      open++;
      return;
    }
    LogLine line = log.read(place);
    if (!line.ok()) {
      String example = line.url() + ": " + line.detail();
      failures.merge(
          line.status(),
          new DownloadReport.Failures(1, example),
          (old, one) -> new DownloadReport.Failures(old.rows() + 1, old.example()));
      return;
    }
    ok++;
    count(line);
    try {
      out.write(JSON.writeValueAsBytes(entry(row, line, extra)));
      out.write('\n');
    } catch (UnusableException e) {
      skips.add(e);
    }
  }

  private void count(LogLine line) {
    byte[] content = HexFormat.of().parseHex(line.sha256());
    if (pictures.get(content) == TargetIndex.NONE) {
      pictures.put(content, 1);
      numPictures++;
      bytes += line.bytes();
    }
  }

  private static ObjectNode entry(UrlRow row, LogLine line, JsonNode extra) throws UnusableException {
    ObjectNode entry = JSON.createObjectNode();
    entry.put("file_name", line.file());
    if (row.caption() != null) {
      try {
        entry.put("text", Utf8.decode(row.caption(), row.origin() + ": caption"));
      } catch (Utf8.InvalidUtf8Exception e) {
        throw new UnusableException("caption not UTF-8", e.getMessage());
      }
    }
    entry.put("url", row.url());
    entry.put("sha256", line.sha256());
    extra.propertyStream().filter(column -> !entry.has(column.getKey())).forEach(c -> entry.set(c.getKey(), c.getValue()));
    return entry;
  }

  private Map<String, DownloadReport.Failures> mostFrequentFirst() {
    List<Map.Entry<String, DownloadReport.Failures>> sorted = new ArrayList<>(failures.entrySet());
    sorted.sort((a, b) -> Long.compare(b.getValue().rows(), a.getValue().rows())); // stable
    Map<String, DownloadReport.Failures> ordered = new LinkedHashMap<>();
    sorted.forEach(entry -> ordered.put(entry.getKey(), entry.getValue()));
    return ordered;
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // What went wrong before is told.
    }
  }
}
