package kiln.data.parquet;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import kiln.bindings.UserException;
import kiln.data.source.SkipReport;
import kiln.data.source.UnusableException;
import kiln.data.url.UrlRow;
import kiln.data.url.UrlRows;
import kiln.data.url.UrlSource;
import org.apache.parquet.example.data.Group;

/** A table of URLs in Parquet files, as LAION and its like are published. */
public final class UrlTable implements UrlSource {
  static final String NO_URL = "row without URL";
  static final String NO_CAPTION = "row without caption";

  private final TableFiles files;
  private final UrlTableOptions options;

  /** Columns of one file. */
  private record Bound(
      Field url, Optional<Field> caption, Optional<Field> key, Set<String> extra, List<BoundLimit> limits) {}

  private record BoundLimit(UrlTableOptions.Limit limit, Field field) {}

  /**
   * @param files Parquet files with the same columns
   * @throws UserException if the first file that can be read lacks a column
   */
  public UrlTable(TableFiles files, UrlTableOptions options) {
    this.files = files;
    this.options = options;
    files.checkColumns(table -> find(table, new Columns(table)));
  }

  @Override
  public String name() {
    return "urls";
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("files", files.patterns());
    settings.put("numFiles", files.files().size());
    settings.putAll(options.settings());
    return settings;
  }

  @Override
  public OptionalLong count() {
    return files.numRows();
  }

  @Override
  public UrlRows open(SkipReport skips) {
    TableRows<UrlRow> rows = new TableRows<>(files.files(), table -> binding(table, skips), skips);
    return new UrlRows() {
      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public UrlRow next() {
        return rows.next();
      }

      @Override
      public void close() {
        rows.close();
      }
    };
  }

  /** Columns by their places in the file. */
  private Bound find(ParquetTable table, Columns columns) throws UnusableException {
    Field url = columns.find(options.urlColumn());
    Optional<Field> caption = Optional.empty();
    if (options.captionColumn().isPresent()) {
      caption = Optional.of(columns.find(options.captionColumn().get()));
    }
    Optional<Field> key = Optional.empty();
    if (options.keyColumn().isPresent()) {
      key = Optional.of(columns.find(options.keyColumn().get()));
    }
    List<BoundLimit> limits = new ArrayList<>();
    for (UrlTableOptions.Limit limit : options.limits()) {
      Field field = columns.find(limit.column());
      if (!field.isNumber()) {
        String found = field.type().getPrimitiveTypeName().toString();
        throw new UnusableException(
            Columns.MISSING, table.name() + ": column " + limit.column() + ": expected numbers, found " + found);
      }
      limits.add(new BoundLimit(limit, field));
    }
    for (Field text : List.of(url, caption.orElse(url))) {
      if (!text.isBinary()) {
        String found = text.type().getPrimitiveTypeName().toString();
        throw new UnusableException(
            Columns.MISSING, table.name() + ": column " + text.name() + ": expected text, found " + found);
      }
    }
    return new Bound(url, caption, key, columns.others(options.extraColumns()), limits);
  }

  private TableRows.Binding<UrlRow> binding(ParquetTable table, SkipReport skips) throws UnusableException {
    Columns columns = new Columns(table);
    Bound found = find(table, columns);
    Bound bound =
        new Bound(
            columns.bound(found.url),
            found.caption.map(columns::bound),
            found.key.map(columns::bound),
            found.extra,
            found.limits.stream().map(limit -> new BoundLimit(limit.limit, columns.bound(limit.field))).toList());
    return new TableRows.Binding<>(columns.schema(), (row, origin, key) -> row(bound, row, origin, key, skips));
  }

  private static UrlRow row(Bound bound, Group row, String origin, String key, SkipReport skips) throws UnusableException {
    for (BoundLimit limit : bound.limits) {
      String column = limit.limit.column();
      double value = limit.field.number(row);
      if (Double.isNaN(value)) {
        skips.leaveOut("no " + column, origin + ": does not say its " + column);
        return null;
      }
      if (value >= limit.limit.below()) {
        skips.leaveOut(
            column + " not below " + limit.limit.below(), origin + ": " + column + " is " + value);
        return null;
      }
    }
    String url = bound.url.text(row);
    if (url == null || url.isBlank()) {
      throw new UnusableException(NO_URL, origin + ": has no URL");
    }
    byte[] caption = null;
    if (bound.caption.isPresent()) {
      caption = bound.caption.get().bytes(row);
      if (caption == null || caption.length == 0) {
        throw new UnusableException(NO_CAPTION, origin + ": has no caption");
      }
    }
    String own = bound.key.map(field -> field.text(row)).orElse(null);
    return new UrlRow(url.strip(), own == null ? key : own, origin, caption, RowJson.text(RowJson.object(row, bound.extra)));
  }
}
