package kiln.data.typeset;

import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;

/**
 * Lines of text where they stand, as outlines with what they say.
 *
 * @param lines in reading order
 * @param pieces what has ink, in reading order
 * @param turn the angle of the whole, radians clockwise
 */
public record Arrangement(List<TextLine> lines, List<Piece> pieces, double turn) {
  /**
   * A cell of text.
   *
   * @param line its line's number
   * @param word its word's number in the line
   * @param outline where it stands
   * @param turn the angle of the baseline there
   */
  public record Piece(String text, int line, int word, Path2D outline, double turn) {}

  /** The smallest upright rectangle around all ink. */
  public Rectangle2D bounds() {
    Rectangle2D bounds = null;
    for (Piece piece : pieces) {
      Rectangle2D ink = piece.outline.getBounds2D();
      if (bounds == null) {
        bounds = ink;
      } else {
        bounds.add(ink);
      }
    }
    return bounds == null ? new Rectangle2D.Double() : bounds;
  }

  /** All outlines in one, to be filled by the non-zero rule. */
  public Path2D outline() {
    Path2D all = new Path2D.Double(Path2D.WIND_NON_ZERO);
    pieces.forEach(piece -> all.append(piece.outline, false));
    return all;
  }

  /** Turned around the origin by {@code angle}. */
  public Arrangement turned(double angle) {
    return angle == 0 ? this : transformed(rotation(angle), angle);
  }

  /** Scaled, then moved. */
  public Arrangement placed(double scale, double x, double y) {
    return transformed(new AffineTransform(scale, 0, 0, scale, x, y), 0);
  }

  private Arrangement transformed(AffineTransform transform, double angle) {
    List<Piece> moved = new ArrayList<>(pieces.size());
    for (Piece piece : pieces) {
      moved.add(
          new Piece(
              piece.text, piece.line, piece.word, new Path2D.Double(piece.outline, transform), piece.turn + angle));
    }
    return new Arrangement(lines, List.copyOf(moved), turn + angle);
  }

  /** The text of all lines, one a line. */
  public String text() {
    return String.join("\n", lines.stream().map(TextLine::text).toList());
  }

  static AffineTransform rotation(double angle) {
    double sin = StrictMath.sin(angle);
    double cos = StrictMath.cos(angle);
    return new AffineTransform(cos, sin, -sin, cos, 0, 0);
  }
}
