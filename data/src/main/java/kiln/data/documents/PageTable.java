package kiln.data.documents;

import java.util.ArrayList;
import java.util.List;

/** A table: the first column is as wide as is left, the others stand at the end of their columns. */
final class PageTable {
  private final Page page;
  private final int columns;
  private final List<List<String>> rows = new ArrayList<>();

  PageTable(Page page, List<String> header) {
    this.page = page;
    this.columns = header.size();
    rows.add(header);
  }

  void add(List<String> row) {
    rows.add(row);
  }

  /**
   * @param ruled whether lines divide the rows
   */
  void set(boolean ruled) {
    double gap = 0.9 * page.em();
    double[] widths = new double[columns];
    for (List<String> row : rows) {
      for (int c = 1; c < columns; c++) {
        widths[c] = Math.max(widths[c], page.width(row.get(c), row == rows.getFirst()) + gap);
      }
    }
    widths[0] = page.right() - page.left();
    for (int c = 1; c < columns; c++) {
      widths[0] -= widths[c];
    }
    for (List<String> row : rows) {
      boolean header = row == rows.getFirst();
      if (header) {
        page.panel();
      }
      page.row(segments(row, widths, gap, header));
      if (ruled || header) {
        page.rule();
      }
    }
  }

  private List<Page.Segment> segments(List<String> row, double[] widths, double gap, boolean header) {
    boolean mirrored = page.language().rightToLeft();
    List<Page.Segment> segments = new ArrayList<>();
    double at = 0;
    for (int c = 0; c < columns; c++) {
      double from = at + (c == 0 ? 0 : gap);
      at += widths[c];
      double left = mirrored ? page.right() - at : page.left() + from;
      double right = mirrored ? page.right() - from : page.left() + at;
      Page.Align align = c == 0 ? Page.Align.START : Page.Align.END;
      segments.add(new Page.Segment(page.words(row.get(c)), header, 1, left, right, align));
    }
    return segments;
  }
}
