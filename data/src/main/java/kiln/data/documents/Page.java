package kiln.data.documents;

import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kiln.data.typeset.Arrangement;
import kiln.data.typeset.Language;
import kiln.data.typeset.ShapedText;
import kiln.data.typeset.TextLine;
import kiln.data.typeset.Typeface;
import kiln.data.typography.FontFace;

/** Sets text on a page from top to bottom, in pixels. What does not fit, or a font does not show, spoils the page. */
final class Page {
  /** Words are measured one by one, and a line may be a little wider than its words. */
  private static final double FULL = 0.985;

  private final Language language;
  private final Typeface body;
  private final Typeface heading;
  private final double em;
  private final double leading;
  private final double left;
  private final double right;
  private final double bottom;
  private final List<TextLine> lines = new ArrayList<>();
  private final List<Arrangement.Piece> pieces = new ArrayList<>();
  private final List<Rectangle2D> rules = new ArrayList<>();
  private final List<Rectangle2D> panels = new ArrayList<>();
  private double y;
  private boolean spoiled;

  /** Where a text stands between two edges; starts are at the right where lines run to the left. */
  enum Align {
    START,
    CENTER,
    END
  }

  /** How a page is set. */
  record Setting(Language language, Typeface body, Typeface heading, double em, double leading, double margin) {}

  /**
   * A text of a row.
   *
   * @param left edge of its column
   * @param right edge of its column
   */
  record Segment(List<String> words, boolean bold, double scale, double left, double right, Align align) {}

  Page(Setting setting, int width, int height) {
    this.language = setting.language;
    this.body = setting.body;
    this.heading = setting.heading;
    this.em = setting.em;
    this.leading = setting.leading;
    this.left = setting.margin;
    this.right = width - setting.margin;
    this.bottom = height - setting.margin;
    this.y = setting.margin;
  }

  Language language() {
    return language;
  }

  double em() {
    return em;
  }

  double left() {
    return left;
  }

  double right() {
    return right;
  }

  /** Whether something did not fit or could not be shown. */
  boolean isSpoiled() {
    return spoiled;
  }

  /** How many lines of body text still fit. */
  int linesLeft() {
    return (int) ((bottom - y) / lineHeight(body, em));
  }

  private double lineHeight(Typeface typeface, double size) {
    return leading * size * (typeface.ascent() + typeface.descent()) / FontFace.DESIGN_SIZE;
  }

  /** White, in lines of body text. */
  void space(double numLines) {
    y += numLines * lineHeight(body, em);
  }

  /** A thin line across. */
  void rule() {
    rule(left, right);
  }

  void rule(double from, double to) {
    double thickness = Math.max(1, em / 14);
    rules.add(new Rectangle2D.Double(from, y + 0.1 * em, to - from, thickness));
    y += 0.3 * em;
  }

  /** A grey panel behind the line that follows. */
  void panel() {
    panels.add(new Rectangle2D.Double(left - 0.3 * em, y, right - left + 0.6 * em, lineHeight(heading, em)));
  }

  /** A line of its own. */
  void text(String text, boolean bold, double scale, Align align) {
    row(List.of(new Segment(words(text), bold, scale, left, right, align)));
  }

  /** Words of a text; what is written without spaces is one word. */
  List<String> words(String text) {
    return List.of(text.split(" "));
  }

  /** Words in lines as wide as the page. */
  void paragraph(List<String> words) {
    double space = width(body, "x x") - width(body, "xx");
    double gap = language.joiner().isEmpty() ? 0 : space;
    List<String> line = new ArrayList<>();
    double used = 0;
    for (String word : words) {
      double needed = width(body, word);
      if (!line.isEmpty() && used + gap + needed > FULL * (right - left)) {
        paragraphLine(line);
        line = new ArrayList<>();
        used = 0;
      }
      used += needed + (line.isEmpty() ? 0 : gap);
      line.add(word);
    }
    paragraphLine(line);
  }

  private double width(Typeface typeface, String text) {
    Optional<ShapedText> shaped = typeface.shape(text, language.rightToLeft());
    return shaped.isEmpty() ? 0.25 * em * text.length() : shaped.get().advance() * em / FontFace.DESIGN_SIZE;
  }

  /** Width of a text in the body's size. */
  double width(String text, boolean bold) {
    return width(bold ? heading : body, text);
  }

  private void paragraphLine(List<String> words) {
    row(List.of(new Segment(words, false, 1, left, right, Align.START)), language.joiner());
  }

  /** Texts beside each other on one baseline, in reading order; together they are one line of the page's text. */
  void row(List<Segment> segments) {
    row(segments, " ");
  }

  private void row(List<Segment> segments, String joiner) {
    double height = 0;
    double ascent = 0;
    for (Segment segment : segments) {
      Typeface typeface = segment.bold ? heading : body;
      height = Math.max(height, lineHeight(typeface, segment.scale * em));
      ascent = Math.max(ascent, segment.scale * em * typeface.ascent() / FontFace.DESIGN_SIZE);
    }
    if (y + height > bottom) {
      spoiled = true;
    }
    List<String> words = new ArrayList<>();
    for (Segment segment : segments) {
      set(segment, joiner, words.size(), y + ascent);
      words.addAll(segment.words);
    }
    lines.add(new TextLine(words, joiner, language.rightToLeft()));
    y += height;
  }

  private void set(Segment segment, String joiner, int firstWord, double baseline) {
    TextLine line = new TextLine(segment.words, joiner, language.rightToLeft());
    Optional<ShapedText> shaped = (segment.bold ? heading : body).shape(line.text(), language.rightToLeft());
    if (shaped.isEmpty()) {
      spoiled = true;
      return;
    }
    double scale = segment.scale * em / FontFace.DESIGN_SIZE;
    double free = segment.right - segment.left - scale * shaped.get().advance();
    if (free < -0.5) {
      spoiled = true;
    }
    boolean rightmost = (segment.align == Align.END) != language.rightToLeft();
    double x = segment.left + (segment.align == Align.CENTER ? free / 2 : rightmost ? free : 0);
    AffineTransform place = new AffineTransform(scale, 0, 0, scale, x, baseline);
    for (ShapedText.Cell cell : shaped.get().cells()) {
      if (!cell.isBlank()) {
        Path2D outline = new Path2D.Double(cell.outline(), place);
        pieces.add(
            new Arrangement.Piece(
                line.text().substring(cell.start(), cell.end()),
                lines.size(),
                firstWord + line.wordAt(cell.start()),
                outline,
                outline.getBounds2D(),
                0));
      }
    }
  }

  /** All text, in reading order. */
  Arrangement arrangement() {
    return new Arrangement(List.copyOf(lines), List.copyOf(pieces), 0);
  }

  /** Thin lines. */
  List<Rectangle2D> rules() {
    return List.copyOf(rules);
  }

  /** Grey areas behind text. */
  List<Rectangle2D> panels() {
    return List.copyOf(panels);
  }
}
