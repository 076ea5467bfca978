package kiln.data.parquet;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kiln.bindings.UserException;

/**
 * Which columns of a table of URLs are read, and which rows are left out.
 *
 * @param urlColumn the URLs
 * @param captionColumn the captions; empty if the table has none
 * @param keyColumn names each row; empty to name rows by file and number
 * @param extraColumns what else is kept; {@link #ALL} for every other column
 * @param limits rows at or above any of these are left out, and so are rows that do not say
 */
public record UrlTableOptions(
    String urlColumn,
    Optional<String> captionColumn,
    Optional<String> keyColumn,
    List<String> extraColumns,
    List<Limit> limits) {
  /** In a list of columns: all that have no other use. */
  public static final List<String> ALL = List.of("all");

  /**
   * A column of numbers that must be below something.
   *
   * @param column its name
   * @param below the first number that is too large
   */
  public record Limit(String column, double below) {
    public Limit {
      if (column.isEmpty() || Double.isNaN(below)) {
        throw new UserException("--limit " + column + "=" + below + ": expected COLUMN=NUMBER");
      }
    }
  }

  public UrlTableOptions {
    extraColumns = List.copyOf(extraColumns);
    limits = List.copyOf(limits);
    List<String> used = new ArrayList<>(List.of(urlColumn));
    captionColumn.ifPresent(used::add);
    keyColumn.ifPresent(used::add);
    for (String column : used) {
      if (column.isBlank()) {
        throw new UserException("columns " + used + ": one has no name");
      }
    }
  }

  /** As they decide what a table gives. */
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("urlColumn", urlColumn);
    settings.put("captionColumn", captionColumn.orElse(null));
    settings.put("keyColumn", keyColumn.orElse(null));
    settings.put("extraColumns", extraColumns);
    Map<String, Double> below = new LinkedHashMap<>();
    limits.forEach(limit -> below.put(limit.column(), limit.below()));
    settings.put("limits", below);
    return settings;
  }

  /**
   * LAION's columns: {@code URL}, {@code TEXT}, {@code hash}; pictures that are probably without a watermark
   * ({@code pwatermark < 0.6}) and not certainly unsafe ({@code punsafe < 1.0}).
   */
  public static UrlTableOptions laion() {
    return new UrlTableOptions(
        "URL",
        Optional.of("TEXT"),
        Optional.of("hash"),
        ALL,
        List.of(new Limit("pwatermark", 0.6), new Limit("punsafe", 1.0)));
  }
}
