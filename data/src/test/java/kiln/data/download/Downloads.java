package kiln.data.download;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import kiln.data.input.InputOptions;
import kiln.data.input.Inputs;
import kiln.data.parquet.UrlTableOptions;
import kiln.data.url.UrlSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Downloads as tests make them: from this machine, impatient, from a list of URLs. */
final class Downloads {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Local files need no connection that would have to be closed. */
  static final Inputs INPUTS = new Inputs(InputOptions.standard());

  private Downloads() {}

  static DownloadOptions options() {
    DownloadOptions defaults = DownloadOptions.defaults();
    return new DownloadOptions(
        new DownloadOptions.Crowd(16, 8, Duration.ZERO, 0),
        new DownloadOptions.Times(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(10)),
        new DownloadOptions.Retries(2, Duration.ofMillis(10), Duration.ofSeconds(5)),
        new DownloadOptions.Limits(3, 1 << 20, Long.MAX_VALUE),
        new DownloadOptions.Trust(true, false, "kiln/0.1"),
        defaults.checksumColumns(),
        Set.of());
  }

  static DownloadOptions with(DownloadOptions.Crowd crowd) {
    DownloadOptions o = options();
    return new DownloadOptions(crowd, o.times(), o.retries(), o.limits(), o.trust(), o.checksumColumns(), o.retryFailed());
  }

  static DownloadOptions with(DownloadOptions.Times times) {
    DownloadOptions o = options();
    return new DownloadOptions(o.crowd(), times, o.retries(), o.limits(), o.trust(), o.checksumColumns(), o.retryFailed());
  }

  static DownloadOptions with(DownloadOptions.Limits limits) {
    DownloadOptions o = options();
    return new DownloadOptions(o.crowd(), o.times(), o.retries(), limits, o.trust(), o.checksumColumns(), o.retryFailed());
  }

  static DownloadOptions with(DownloadOptions.Trust trust) {
    DownloadOptions o = options();
    return new DownloadOptions(o.crowd(), o.times(), o.retries(), o.limits(), trust, o.checksumColumns(), o.retryFailed());
  }

  static DownloadOptions retrying(String... kinds) {
    DownloadOptions o = options();
    return new DownloadOptions(
        o.crowd(), o.times(), o.retries(), o.limits(), o.trust(), o.checksumColumns(), Set.of(kinds));
  }

  /** A table whose captions are the row's numbers. */
  static UrlSource table(Path file, List<String> urls) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int i = 0; i < urls.size(); i++) {
      rows.add(Map.of("url", urls.get(i), "text", "picture " + i));
    }
    return rows(file, rows);
  }

  static UrlSource rows(Path file, List<Map<String, Object>> rows) {
    StringBuilder text = new StringBuilder();
    rows.forEach(row -> text.append(JSON.writeValueAsString(row)).append('\n'));
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return list(file);
  }

  static UrlSource list(Path file) {
    return new UrlListSource(
        INPUTS.of(file.toString()), new UrlTableOptions("url", Optional.of("text"), Optional.empty(), UrlTableOptions.ALL, List.of()));
  }

  static DownloadReport run(UrlSource table, Path out, DownloadOptions options) {
    try (Downloader downloader = new Downloader(List.of(table), out, options, false)) {
      return downloader.run(_ -> {}, () -> false);
    }
  }

  static List<JsonNode> metadata(Path out) {
    return lines(out.resolve("metadata.jsonl"));
  }

  /** The last line about each URL. */
  static Map<String, JsonNode> log(Path out) {
    Map<String, JsonNode> log = new LinkedHashMap<>();
    lines(out.resolve("downloads.jsonl")).forEach(line -> log.put(line.get("url").asString(), line));
    return log;
  }

  static List<JsonNode> lines(Path file) {
    try {
      return Files.readAllLines(file).stream().map(JSON::readTree).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Paths of all pictures, from the folder. */
  static List<String> pictures(Path out) {
    if (!Files.exists(out.resolve("images"))) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(out.resolve("images"))) {
      return files.filter(Files::isRegularFile).map(file -> out.relativize(file).toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
