package kiln.data.typeset;

import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kiln.data.typography.FontFace;

/** Puts shaped lines where they belong, in units of {@link FontFace#DESIGN_SIZE}. Empty if the font does not show all of a text. */
public final class Layouts {
  /** Middle of an upright character's box above the baseline, in ems: 0.88 above and 0.12 below, as fonts for Han have it. */
  private static final double EM_ASCENT = 0.88;

  private Layouts() {}

  /** Where lines begin and end. */
  public enum Alignment {
    LEFT(0),
    CENTER(0.5),
    RIGHT(1);

    private final double share;

    Alignment(double share) {
      this.share = share;
    }
  }

  /**
   * Lines below each other.
   *
   * @param leading distance of baselines over the font's height
   */
  public static Optional<Arrangement> lines(Typeface typeface, List<TextLine> lines, Alignment alignment, double leading) {
    List<ShapedText> shaped = new ArrayList<>();
    double widest = 0;
    for (TextLine line : lines) {
      Optional<ShapedText> text = typeface.shape(line.text(), line.rightToLeft());
      if (text.isEmpty()) {
        return Optional.empty();
      }
      shaped.add(text.get());
      widest = Math.max(widest, text.get().advance());
    }
    double pitch = leading * (typeface.ascent() + typeface.descent());
    List<Arrangement.Piece> pieces = new ArrayList<>();
    for (int l = 0; l < lines.size(); l++) {
      ShapedText text = shaped.get(l);
      double x = alignment.share * (widest - text.advance());
      add(pieces, lines.get(l), l, text, x, l * pitch);
    }
    return Optional.of(new Arrangement(List.copyOf(lines), List.copyOf(pieces), 0));
  }

  private static void add(
      List<Arrangement.Piece> pieces, TextLine line, int number, ShapedText text, double x, double y) {
    for (ShapedText.Cell cell : text.cells()) {
      if (!cell.isBlank()) {
        pieces.add(piece(line, number, text, cell, x, y));
      }
    }
  }

  private static Arrangement.Piece piece(
      TextLine line, int number, ShapedText text, ShapedText.Cell cell, double x, double y) {
    Rectangle2D ink = cell.ink();
    return new Arrangement.Piece(
        text.text().substring(cell.start(), cell.end()),
        number,
        line.wordAt(cell.start()),
        new Path2D.Double(cell.outline(), AffineTransform.getTranslateInstance(x, y)),
        new Rectangle2D.Double(ink.getX() + x, ink.getY() + y, ink.getWidth(), ink.getHeight()),
        0);
  }

  /** How a line is bent, once its width is known. */
  public interface Bending {
    Curve curve(double width);
  }

  /** One line along a curve. */
  public static Optional<Arrangement> curved(Typeface typeface, TextLine line, Bending bending) {
    Optional<ShapedText> shaped = typeface.shape(line.text(), line.rightToLeft());
    if (shaped.isEmpty()) {
      return Optional.empty();
    }
    ShapedText text = shaped.get();
    Curve curve = bending.curve(text.advance());
    List<Arrangement.Piece> pieces = new ArrayList<>();
    for (ShapedText.Cell cell : text.cells()) {
      if (!cell.isBlank()) {
        Path2D outline = curve.bend(cell.outline());
        pieces.add(
            new Arrangement.Piece(
                text.text().substring(cell.start(), cell.end()),
                0,
                line.wordAt(cell.start()),
                outline,
                outline.getBounds2D(),
                curve.angle(cell.ink().getCenterX())));
      }
    }
    return Optional.of(new Arrangement(List.of(line), List.copyOf(pieces), 0));
  }

  /**
   * Columns of upright characters, the first column at the right.
   *
   * @param columnPitch distance of columns in ems
   * @param characterPitch distance of characters in ems
   */
  public static Optional<Arrangement> columns(
      Typeface typeface, List<TextLine> columns, double columnPitch, double characterPitch) {
    double em = FontFace.DESIGN_SIZE;
    List<Arrangement.Piece> pieces = new ArrayList<>();
    for (int c = 0; c < columns.size(); c++) {
      TextLine column = columns.get(c);
      Optional<ShapedText> shaped = typeface.shape(column.text(), false);
      if (shaped.isEmpty()) {
        return Optional.empty();
      }
      int row = 0;
      for (ShapedText.Cell cell : shaped.get().cells()) {
        if (!cell.isBlank()) {
          double x = -c * columnPitch * em - (cell.left() + cell.right()) / 2;
          double y = (row * characterPitch + EM_ASCENT) * em;
          pieces.add(piece(column, c, shaped.get(), cell, x, y));
        }
        row++;
      }
    }
    return Optional.of(new Arrangement(List.copyOf(columns), List.copyOf(pieces), 0));
  }
}
