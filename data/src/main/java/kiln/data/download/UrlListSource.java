package kiln.data.download;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalLong;
import kiln.bindings.UserException;
import kiln.data.input.Input;
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

  private final Input file;
  private final UrlTableOptions options;
  private final ListFormat format;
  private final Optional<String> captions;

  /**
   * @param file its format is known by the ending of its name, one of {@link #endings}
   * @param options a list of nothing but URLs has no captions, whatever these say
   * @throws UserException if its name has another ending
   */
  public UrlListSource(Input file, UrlTableOptions options) {
    this.file = file;
    this.options = options;
    format =
        ListFormat.find(file.location())
            .orElseThrow(
                () -> new UserException(file.location() + ": expected a name that ends in one of " + String.join(" ", endings())));
    captions = format == ListFormat.TXT ? Optional.empty() : options.captionColumn();
  }

  /** Of names of files that are lists. */
  public static List<String> endings() {
    return ListFormat.endings();
  }

  /** Whether a file's name has one of the endings. */
  public static boolean reads(String location) {
    return ListFormat.find(location).isPresent();
  }

  @Override
  public String name() {
    return format.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("file", file.location());
    settings.putAll(options.settings());
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
    } catch (UnusableException e) {
      skips.add(e);
      return new Rows(ListRows.NONE, skips);
    }
  }

  private final class Rows implements UrlRows {
    private final ListRows rows;
    private final SkipReport skips;
    private UrlRow ahead;

    Rows(ListRows rows, SkipReport skips) {
      this.rows = rows;
      this.skips = skips;
    }

    @Override
    public boolean hasNext() {
      while (ahead == null) {
        ListRows.Row row = rows.next();
        if (row == null) {
          return false;
        }
        try {
          ahead = checked(row.columns(), row.origin(), skips);
        } catch (UnusableException e) {
          skips.add(e);
        }
      }
      return true;
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

    @Override
    public void close() {
      rows.close();
    }
  }

  /** Null if limits leave the row out. */
  private UrlRow checked(ObjectNode row, String origin, SkipReport skips) throws UnusableException {
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
      throw new UnusableException("row without URL", origin + ": has no URL");
    }
    byte[] caption = null;
    if (captions.isPresent()) {
      String text = text(row.remove(captions.get()));
      if (text == null || text.isEmpty()) {
        throw new UnusableException("row without caption", origin + ": has no caption");
      }
      caption = text.getBytes(StandardCharsets.UTF_8);
    }
    String key = options.keyColumn().map(column -> text(row.remove(column))).orElse(origin);
    if (!options.extraColumns().equals(UrlTableOptions.ALL)) {
      row.retain(options.extraColumns());
    }
    return new UrlRow(url.strip(), key, origin, caption, JSON.writeValueAsString(row));
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
