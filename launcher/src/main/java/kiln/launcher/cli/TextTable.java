package kiln.launcher.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Rows of words under one another: texts to the left, numbers to the right, columns as wide as their widest cell. */
final class TextTable {
  private static final String GAP = "  ";

  private final List<List<String>> rows = new ArrayList<>();
  private final List<Boolean> numeric;

  /** Starts a table with its headings; one that ends in {@code >} is of a column of numbers. */
  TextTable(String... headings) {
    numeric = Stream.of(headings).map(heading -> heading.endsWith(">")).toList();
    rows.add(Stream.of(headings).map(heading -> heading.replaceFirst(">$", "")).toList());
  }

  /** Adds a row: a number is written with commas, a missing one is an empty text. */
  void add(Object... cells) {
    if (cells.length != numeric.size()) {
      throw new IllegalArgumentException(cells.length + " cells, expected " + numeric.size());
    }
    rows.add(Stream.of(cells).map(TextTable::text).toList());
  }

  void print(PrintWriter out) {
    int columns = numeric.size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String text = row.get(i);
        String space = " ".repeat(widths[i] - text.length());
        line.append(i == 0 ? "" : GAP).append(numeric.get(i) ? space + text : text + space);
      }
      out.println(line.toString().stripTrailing());
    }
  }

  private static String text(Object cell) {
    if (cell instanceof Number number) {
      return String.format(Locale.ROOT, "%,d", number.longValue());
    }
    return cell.toString().replaceAll("\\p{Cntrl}", "?"); // names come from files and must not break lines
  }
}
