package kiln.launcher.show;

import java.util.List;
import kiln.data.show.Lengths;

/**
 * A part of a report.
 *
 * @param id names it in links of the page
 * @param title its heading
 * @param remark what to know about it, in sentences; may be empty
 * @param tables with as many headings, which may be empty
 * @param chart what a page draws above the tables
 */
public record Section(String id, String title, String remark, List<Titled> tables, Chart chart) {
  public Section {
    tables = List.copyOf(tables);
  }

  /** A table with a heading of its own, or without. */
  public record Titled(String title, ReportTable table) {}

  /** What only a page can show. */
  public sealed interface Chart {}

  /** Nothing. */
  public record NoChart() implements Chart {}

  /** Bars of lengths. */
  public record Histogram(Lengths lengths, String unit) implements Chart {}

  /** The shapes of pictures, to one scale. */
  public record Shapes(List<Shape> shapes) implements Chart {
    public Shapes {
      shapes = List.copyOf(shapes);
    }
  }

  /** One size of pictures and its share of all samples. */
  public record Shape(int height, int width, double share) {}

  static Section of(String id, String title, String remark, ReportTable table) {
    return new Section(id, title, remark, List.of(new Titled("", table)), new NoChart());
  }

  Section with(Chart drawn) {
    return new Section(id, title, remark, tables, drawn);
  }
}
