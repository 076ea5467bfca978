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
   * @param ink the smallest upright rectangle around it
   * @param turn the angle of the baseline there
   */
  public record Piece(String text, int line, int word, Path2D outline, Rectangle2D ink, double turn) {}

  /** The smallest upright rectangle around all ink. */
  public Rectangle2D bounds() {
    return union(pieces.stream().map(Piece::ink).toList());
  }

  /** All outlines in one, to be filled by the non-zero rule. */
  public Path2D outline() {
    Path2D all = new Path2D.Double(Path2D.WIND_NON_ZERO);
    pieces.forEach(piece -> all.append(piece.outline, false));
    return all;
  }

  /** Turned around the origin by {@code angle}. */
  public Arrangement turned(double angle) {
    if (angle == 0) {
      return this;
    }
    AffineTransform rotation = rotation(angle);
    List<Piece> moved = new ArrayList<>(pieces.size());
    for (Piece piece : pieces) {
      Path2D outline = new Path2D.Double(piece.outline, rotation);
      moved.add(
          new Piece(piece.text, piece.line, piece.word, outline, outline.getBounds2D(), piece.turn + angle));
    }
    return new Arrangement(lines, List.copyOf(moved), turn + angle);
  }

  /** Scaled, then moved. */
  public Arrangement placed(double scale, double x, double y) {
    AffineTransform transform = new AffineTransform(scale, 0, 0, scale, x, y);
    List<Piece> moved = new ArrayList<>(pieces.size());
    for (Piece piece : pieces) {
      Rectangle2D ink = piece.ink;
      moved.add(
          new Piece(
              piece.text,
              piece.line,
              piece.word,
              new Path2D.Double(piece.outline, transform),
              new Rectangle2D.Double(
                  scale * ink.getX() + x, scale * ink.getY() + y, scale * ink.getWidth(), scale * ink.getHeight()),
              piece.turn));
    }
    return new Arrangement(lines, List.copyOf(moved), turn);
  }

  /** The text of all lines, one a line. */
  public String text() {
    return String.join("\n", lines.stream().map(TextLine::text).toList());
  }

  /** The smallest upright rectangle around all; at 0, 0 if there is none. */
  static Rectangle2D union(List<Rectangle2D> rectangles) {
    if (rectangles.isEmpty()) {
      return new Rectangle2D.Double();
    }
    Rectangle2D union = (Rectangle2D) rectangles.getFirst().clone();
    rectangles.forEach(union::add);
    return union;
  }

  /** Around the origin, clockwise as y goes down. */
  public static AffineTransform rotation(double angle) {
    double sin = StrictMath.sin(angle);
    double cos = StrictMath.cos(angle);
    return new AffineTransform(cos, sin, -sin, cos, 0, 0);
  }
}
