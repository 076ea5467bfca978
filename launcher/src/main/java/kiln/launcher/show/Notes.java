package kiln.launcher.show;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kiln.data.prepare.BucketWaste;
import kiln.data.prepare.WasteTable;
import kiln.data.show.VisibleText;

/**
 * What a source notes in {@code dataset.json}, whatever it is. The waste of preparation has its own section. Else a list of objects, or an object of objects, becomes a table of
 * its own; an object of numbers a table of counts; all else a line of text.
 */
final class Notes {
  /** A longer text, list or table ends here. */
  private static final int LONGEST_TEXT = 2_000;

  private static final int MOST_ROWS = 200;
  private static final int MOST_COLUMNS = 12;

  private Notes() {}

  /** A row of a table to be. */
  private record Row(String name, Map<?, ?> cells) {}

  static List<Section> sections(Map<String, Object> notes) {
    ReportTable lines = new ReportTable().text("note").text("value");
    List<Section.Titled> tables = new ArrayList<>();
    List<Section> sections = new ArrayList<>();
    notes.forEach(
        (name, value) -> {
          Map<String, BucketWaste> waste = name.equals(WasteTable.NOTE) ? WasteTable.rows(value) : Map.of();
          ReportTable table = table(value);
          if (!waste.isEmpty()) {
            sections.add(waste(waste));
          } else if (table == null) {
            lines.row(VisibleText.line(name), inline(value));
          } else {
            tables.add(new Section.Titled(VisibleText.line(name), table));
          }
        });
    if (!lines.rows().isEmpty()) {
      tables.addFirst(new Section.Titled("", lines));
    }
    if (!tables.isEmpty()) {
      sections.add(new Section("notes", "Notes of the source", "", tables, new Section.NoChart()));
    }
    return sections;
  }

  /** What preparation cost by bucket, and in all. */
  private static Section waste(Map<String, BucketWaste> waste) {
    ReportTable table =
        new ReportTable().text("bucket").number("samples").share("cropped").share("white border").number("enlarged")
            .share("padding").number("captions cut").number("bytes cut");
    waste.forEach((bucket, row) -> addWaste(VisibleText.line(bucket), row, table));
    if (waste.size() > 1) {
      addWaste("all", waste.values().stream().reduce(BucketWaste.NONE, BucketWaste::plus), table);
    }
    String remark =
        "As preparation noted it, for all splits: the share of the pictures' pixels that was cut off, of the samples' pixels that is"
            + " white around a picture, and of caption places that hold no token.";
    return Section.of("waste", "Waste of preparation", remark, table);
  }

  private static void addWaste(String bucket, BucketWaste row, ReportTable table) {
    table.row(
        bucket, row.samples(), row.croppedShare(), row.paddedShare(), row.enlarged(),
        row.tokens() + row.paddedTokens() == 0 ? 0.0 : row.paddedTokenShare(), row.cutCaptions(), row.cutBytes());
  }

  /** The value as a table, or null if it is none. */
  private static ReportTable table(Object value) {
    if (value instanceof List<?> list && !list.isEmpty() && list.stream().allMatch(Map.class::isInstance)) {
      return rows("", list.stream().map(row -> new Row("", (Map<?, ?>) row)).toList());
    }
    if (value instanceof Map<?, ?> map && !map.isEmpty()) {
      if (map.values().stream().allMatch(Map.class::isInstance)) {
        return rows("name", map.entrySet().stream().map(e -> new Row(name(e), (Map<?, ?>) e.getValue())).toList());
      }
      if (map.values().stream().allMatch(Number.class::isInstance)) {
        ReportTable table = new ReportTable().text("name").number("value");
        map.entrySet().stream().limit(MOST_ROWS).forEach(e -> table.row(VisibleText.line(name(e)), e.getValue()));
        return table;
      }
    }
    return null;
  }

  private static String name(Map.Entry<?, ?> entry) {
    return String.valueOf(entry.getKey());
  }

  private static ReportTable rows(String first, List<Row> rows) {
    Set<String> names = new LinkedHashSet<>();
    rows.forEach(row -> row.cells().keySet().forEach(name -> names.add(String.valueOf(name))));
    List<String> columns = names.stream().limit(MOST_COLUMNS).toList();
    ReportTable table = new ReportTable();
    if (!first.isEmpty()) {
      table.text(first);
    }
    for (String column : columns) {
      boolean numbers = rows.stream().map(row -> row.cells().get(column)).allMatch(v -> v == null || v instanceof Number);
      if (numbers) {
        table.number(VisibleText.line(column));
      } else {
        table.text(VisibleText.line(column));
      }
    }
    for (Row row : rows.stream().limit(MOST_ROWS).toList()) {
      List<Object> cells = new ArrayList<>();
      if (!first.isEmpty()) {
        cells.add(VisibleText.line(row.name()));
      }
      for (String column : columns) {
        Object cell = row.cells().get(column);
        cells.add(cell instanceof Number ? cell : cell == null ? "" : inline(cell));
      }
      table.row(cells.toArray());
    }
    return table;
  }

  /** A value in one line. */
  static String inline(Object value) {
    String text =
        switch (value) {
          case null -> "none";
          case List<?> list -> String.join(", ", list.stream().map(String::valueOf).toList());
          default -> value.toString();
        };
    return VisibleText.line(
        text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "… (" + text.length() + " characters)");
  }
}
