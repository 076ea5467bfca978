package kiln.launcher.show;

import java.util.List;
import java.util.Locale;
import kiln.data.show.Lengths;

/** Drawings of a page, as SVG that takes its colours from the page's style. */
final class Charts {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 170;
  private static final int LEFT = 8;
  private static final int TOP = 22;
  private static final int BOTTOM = 24;

  private static final int SHAPE_SIDE = 64;
  private static final int MOST_SHAPES = 40;

  private Charts() {}

  static String of(Section.Chart chart) {
    return switch (chart) {
      case Section.NoChart() -> "";
      case Section.Histogram(Lengths lengths, String unit) -> histogram(lengths, unit);
      case Section.Shapes(List<Section.Shape> shapes) -> shapes(shapes);
    };
  }

  private static String histogram(Lengths lengths, String unit) {
    List<Lengths.Bin> bins = lengths.bins();
    if (bins.isEmpty()) {
      return "";
    }
    long most = bins.stream().mapToLong(Lengths.Bin::count).max().orElse(1);
    double step = (double) (WIDTH - 2 * LEFT) / bins.size();
    int base = HEIGHT - BOTTOM;
    StringBuilder svg = new StringBuilder();
    svg.append(
        format("<svg class=\"histogram\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"captions by length\">", WIDTH, HEIGHT));
    for (int i = 0; i < bins.size(); i++) {
      Lengths.Bin bin = bins.get(i);
      double height = (double) (base - TOP) * bin.count() / most;
      double drawn = bin.count() == 0 ? 0 : Math.max(1, height); // a few are not none
      svg.append(
          format(
              "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%s %s: %,d captions</title></rect>",
              LEFT + i * step + 1, base - drawn, Math.max(1, step - 2), drawn, Sections.range(bin), unit, bin.count()));
    }
    svg.append(format("<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>", LEFT, base, WIDTH - LEFT, base));
    int every = Math.max(1, Math.ceilDiv(bins.size(), 12));
    for (int i = 0; i < bins.size(); i += every) {
      svg.append(label(LEFT + (i + 0.5) * step, base + 16, "middle", Long.toString(bins.get(i).from())));
    }
    svg.append(label(LEFT, 12, "start", format("up to %,d captions in a bar, by %s", most, unit)));
    return svg.append("</svg>").toString();
  }

  private static String shapes(List<Section.Shape> shapes) {
    int longest = shapes.stream().mapToInt(shape -> Math.max(shape.height(), shape.width())).max().orElse(1);
    StringBuilder html = new StringBuilder("<div class=\"shapes\">");
    for (Section.Shape shape : shapes.subList(0, Math.min(MOST_SHAPES, shapes.size()))) {
      double scale = (double) SHAPE_SIDE / longest;
      double width = Math.max(2, scale * shape.width());
      double height = Math.max(2, scale * shape.height());
      html.append(
          format(
              "<div><svg width=\"%d\" height=\"%d\" aria-hidden=\"true\"><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\""
                  + " height=\"%.1f\" fill-opacity=\"%.2f\"/></svg><span>%dx%d</span><span>%s</span></div>",
              SHAPE_SIDE + 2, SHAPE_SIDE + 2, (SHAPE_SIDE - width) / 2 + 1, SHAPE_SIDE - height + 1, width, height,
              0.15 + 0.85 * shape.share(), shape.height(), shape.width(),
              HtmlText.of(ReportTable.percent(shape.share()))));
    }
    return html.append("</div>").toString();
  }

  private static String label(double x, double y, String anchor, String text) {
    return format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", x, y, anchor, HtmlText.of(text));
  }

  static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
