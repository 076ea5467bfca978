package kiln.data.download;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalLong;
import kiln.bindings.UserException;
import kiln.data.parquet.UrlTableOptions;
import kiln.data.source.SkipReport;
import kiln.data.source.UnusableException;
import kiln.data.url.UrlRow;
import kiln.data.url.UrlRows;
import kiln.data.url.UrlSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** URLs in a file of text: one a line, or a table as JSON lines, CSV (RFC 4180, with a header) or tab-separated values. */
public final class UrlListSource implements UrlSource {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path file;
  private final UrlTableOptions options;
  private final ListFormat format;
  private final Optional<String> captions;

  /**
   * @param file its format is known by the ending of its name: {@code .jsonl}, {@code .csv}, {@code .tsv}, {@code .txt}
   * @param options a list of nothing but URLs has no captions, whatever these say
   * @throws UserException if there is no such file, or another ending
   */
  public UrlListSource(Path file, UrlTableOptions options) {
    this.file = file;
    this.options = options;
    format = ListFormat.of(file);
    captions = format == ListFormat.TXT ? Optional.empty() : options.captionColumn();
    if (!Files.isRegularFile(file)) {
      throw new UserException(file + ": no such file");
    }
  }

  /** Whether a file's name has one of the endings. */
  public static boolean reads(Path file) {
    return ListFormat.find(file).isPresent();
  }

  @Override
  public String name() {
    return format.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("file", file.getFileName().toString());
    settings.put("url_column", options.urlColumn());
    captions.ifPresent(column -> settings.put("caption_column", column));
    options.keyColumn().ifPresent(column -> settings.put("key_column", column));
    settings.put("extra_columns", options.extraColumns());
    options.limits().forEach(limit -> settings.put(limit.column() + " below", limit.below()));
    return settings;
  }

  @Override
  public OptionalLong count() {
    return OptionalLong.empty();
  }

  @Override
  public UrlRows open(SkipReport skips) {
    try {
      return new Rows(format.open(file, options, skips), skips);
    } catch (IOException e) {
      throw new UserException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  private final class Rows implements UrlRows {
    private final ListFormat.Reader reader;
    private final SkipReport skips;
    private UrlRow ahead;

    Rows(ListFormat.Reader reader, SkipReport skips) {
      this.reader = reader;
      this.skips = skips;
    }

    @Override
    public boolean hasNext() {
      try {
        while (ahead == null) {
          ObjectNode row = reader.next();
          if (row == null) {
            return false;
          }
          ahead = checked(row, reader.origin());
        }
        return true;
      } catch (IOException e) {
        throw new UserException(file + ": cannot be read (" + e.getMessage() + ")", e);
      }
    }

    @Override
    public UrlRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      UrlRow row = ahead;
      ahead = null;
      return row;
    }

    /** Null if the row is left out. */
    private UrlRow checked(ObjectNode row, String origin) {
      for (UrlTableOptions.Limit limit : options.limits()) {
        String column = limit.column();
        double number = number(row.get(column));
        if (Double.isNaN(number)) {
          skips.leaveOut("no " + column, origin + ": does not say its " + column);
          return null;
        }
        if (number >= limit.below()) {
          skips.leaveOut(column + " not below " + limit.below(), origin + ": " + column + " is " + number);
          return null;
        }
      }
      String url = text(row.remove(options.urlColumn()));
      if (url == null || url.isBlank()) {
        skips.add(new UnusableException("row without URL", origin + ": has no URL"));
        return null;
      }
      byte[] caption = null;
      if (captions.isPresent()) {
        String text = text(row.remove(captions.get()));
        if (text == null || text.isEmpty()) {
          skips.add(new UnusableException("row without caption", origin + ": has no caption"));
          return null;
        }
        caption = text.getBytes(StandardCharsets.UTF_8);
      }
      String key = options.keyColumn().map(column -> text(row.remove(column))).orElse(origin);
      if (!options.extraColumns().equals(UrlTableOptions.ALL)) {
        row.retain(options.extraColumns());
      }
      return new UrlRow(url.strip(), key, origin, caption, JSON.writeValueAsString(row));
    }

    @Override
    public void close() {
      try {
        reader.close();
      } catch (IOException e) {
        throw new UserException(file + ": cannot be read (" + e.getMessage() + ")", e);
      }
    }
  }

  /** Null for what is missing, null or no value. */
  private static String text(JsonNode value) {
    return value == null || value.isNull() || value.isContainer() ? null : value.asString();
  }

  /** NaN for what is missing or no number. */
  private static double number(JsonNode value) {
    try {
      String text = text(value);
      return text == null ? Double.NaN : Double.parseDouble(text.strip());
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }
}
