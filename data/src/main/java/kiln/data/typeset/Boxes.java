package kiln.data.typeset;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import kiln.data.typography.TypographyTruth.Box;

/**
 * Where the ink of an arrangement is, in pixels of the picture. Boxes are the smallest whole pixels around the ink, outlines of
 * letters included, shadows not.
 *
 * @param box of all
 * @param lines in reading order
 * @param words in reading order; lines of languages without spaces are divided as they were composed
 * @param characters what has a glyph of its own: grapheme clusters, or several that the font joins (ligatures); no white space
 */
public record Boxes(Box box, List<Mark> lines, List<Mark> words, List<Mark> characters) {
  /**
   * A text and its place.
   *
   * @param quad if the text is turned, the corners x, y of the tightest rectangle that is turned as it is, clockwise from the
   *     text's top left; of a curved line, turned as the whole is
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Mark(String text, Box box, float[] quad) {}

  /**
   * @param grow how far ink reaches beyond the outlines, in pixels
   */
  public static Boxes of(Arrangement arrangement, double grow) {
    List<Mark> lines = new ArrayList<>();
    List<Mark> words = new ArrayList<>();
    List<Mark> characters = new ArrayList<>();
    for (Arrangement.Piece piece : arrangement.pieces()) {
      characters.add(mark(piece.text(), List.of(piece), piece.turn(), grow));
    }
    for (int l = 0; l < arrangement.lines().size(); l++) {
      TextLine line = arrangement.lines().get(l);
      int number = l;
      List<Arrangement.Piece> onLine = arrangement.pieces().stream().filter(piece -> piece.line() == number).toList();
      lines.add(mark(line.text(), onLine, arrangement.turn(), grow));
      for (int w = 0; w < line.words().size(); w++) {
        int wordNumber = w;
        List<Arrangement.Piece> inWord = onLine.stream().filter(piece -> piece.word() == wordNumber).toList();
        if (!inWord.isEmpty()) {
          words.add(mark(line.words().get(w), inWord, inWord.get(inWord.size() / 2).turn(), grow));
        }
      }
    }
    return new Boxes(box(arrangement.bounds(), grow), List.copyOf(lines), List.copyOf(words), List.copyOf(characters));
  }

  private static Mark mark(String text, List<Arrangement.Piece> pieces, double turn, double grow) {
    Rectangle2D upright = bounds(pieces, 0);
    if (turn == 0) {
      return new Mark(text, box(upright, grow), null);
    }
    Rectangle2D turned = bounds(pieces, turn);
    double[] corners = {
      turned.getMinX() - grow, turned.getMinY() - grow, turned.getMaxX() + grow, turned.getMinY() - grow,
      turned.getMaxX() + grow, turned.getMaxY() + grow, turned.getMinX() - grow, turned.getMaxY() + grow
    };
    Arrangement.rotation(turn).transform(corners, 0, corners, 0, 4);
    float[] quad = new float[8];
    for (int i = 0; i < 8; i++) {
      quad[i] = (float) (Math.round(10 * corners[i]) / 10.0);
    }
    return new Mark(text, box(upright, grow), quad);
  }

  /** Around all ink, in axes that are turned. */
  private static Rectangle2D bounds(List<Arrangement.Piece> pieces, double turn) {
    Rectangle2D bounds = null;
    for (Arrangement.Piece piece : pieces) {
      Path2D outline =
          turn == 0 ? piece.outline() : new Path2D.Double(piece.outline(), Arrangement.rotation(-turn));
      Rectangle2D ink = outline.getBounds2D();
      if (bounds == null) {
        bounds = ink;
      } else {
        bounds.add(ink);
      }
    }
    return bounds;
  }

  /** The whole pixels that a grown rectangle touches. */
  static Box box(Rectangle2D bounds, double grow) {
    int x = (int) Math.floor(bounds.getMinX() - grow);
    int y = (int) Math.floor(bounds.getMinY() - grow);
    int right = (int) Math.ceil(bounds.getMaxX() + grow);
    int bottom = (int) Math.ceil(bounds.getMaxY() + grow);
    return new Box(x, y, right - x, bottom - y);
  }
}
