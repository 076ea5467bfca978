package kiln.launcher.show;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Rows of a report, written as text or as HTML by others. */
public final class ReportTable {
  private final List<Column> columns = new ArrayList<>();
  private final List<List<Object>> rows = new ArrayList<>();

  /** What stands in a column, and so how it is aligned. */
  public enum Kind {
    TEXT,
    NUMBER,
    /** 0 to 1, written in percent; pages draw a bar beside it. */
    SHARE
  }

  /** A column. */
  public record Column(String heading, Kind kind) {}

  ReportTable text(String heading) {
    columns.add(new Column(heading, Kind.TEXT));
    return this;
  }

  ReportTable number(String heading) {
    columns.add(new Column(heading, Kind.NUMBER));
    return this;
  }

  ReportTable share(String heading) {
    columns.add(new Column(heading, Kind.SHARE));
    return this;
  }

  /** Adds a row: texts, numbers, or nothing as an empty text. */
  ReportTable row(Object... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(cells.length + " cells, expected " + columns.size());
    }
    rows.add(List.of(cells));
    return this;
  }

  public List<Column> columns() {
    return columns;
  }

  public List<List<Object>> rows() {
    return rows;
  }

  /** A cell as it is read: {@code 12,345}, {@code 12.3 %}, {@code 0.25}. */
  public static String written(Object cell, Kind kind) {
    return switch (cell) {
      case Number share when kind == Kind.SHARE -> percent(share.doubleValue());
      case Double real -> String.format(Locale.ROOT, "%,.3f", real).replaceFirst("\\.?0+$", "");
      case Number whole -> String.format(Locale.ROOT, "%,d", whole.longValue());
      default -> cell.toString();
    };
  }

  /** {@code 12.3 %}; only nothing is 0.0 %. */
  static String percent(double share) {
    return share > 0 && share < 0.0005 ? "< 0.1 %" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }
}
