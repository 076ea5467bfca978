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
    List<Inked> pieces = arrangement.pieces().stream().map(Inked::new).toList();
    List<Mark> lines = new ArrayList<>();
    List<Mark> words = new ArrayList<>();
    List<Mark> characters = new ArrayList<>();
    for (Inked piece : pieces) {
      characters.add(mark(piece.piece.text(), List.of(piece), piece.piece.turn(), grow));
    }
    for (int l = 0; l < arrangement.lines().size(); l++) {
      TextLine line = arrangement.lines().get(l);
      int number = l;
      List<Inked> onLine = pieces.stream().filter(piece -> piece.piece.line() == number).toList();
      lines.add(mark(line.text(), onLine, arrangement.turn(), grow));
      for (int w = 0; w < line.words().size(); w++) {
        int wordNumber = w;
        List<Inked> inWord = onLine.stream().filter(piece -> piece.piece.word() == wordNumber).toList();
        if (!inWord.isEmpty()) {
          words.add(mark(line.words().get(w), inWord, inWord.get(inWord.size() / 2).piece.turn(), grow));
        }
      }
    }
    return new Boxes(box(arrangement.bounds(), grow), List.copyOf(lines), List.copyOf(words), List.copyOf(characters));
  }

  private static Mark mark(String text, List<Inked> pieces, double turn, double grow) {
    Box box = box(Arrangement.union(pieces.stream().map(piece -> piece.piece.ink()).toList()), grow);
    if (turn == 0) {
      return new Mark(text, box, null);
    }
    Rectangle2D turned = Arrangement.union(pieces.stream().map(piece -> piece.turned(turn)).toList());
    double[] corners = {
      turned.getMinX() - grow, turned.getMinY() - grow, turned.getMaxX() + grow, turned.getMinY() - grow,
      turned.getMaxX() + grow, turned.getMaxY() + grow, turned.getMinX() - grow, turned.getMaxY() + grow
    };
    Arrangement.rotation(turn).transform(corners, 0, corners, 0, 4);
    float[] quad = new float[8];
    for (int i = 0; i < 8; i++) {
      quad[i] = (float) (Math.round(10 * corners[i]) / 10.0);
    }
    return new Mark(text, box, quad);
  }

  /** A piece that remembers its bounds in the axes that were last asked for: words and lines often ask for the same. */
  private static final class Inked {
    private final Arrangement.Piece piece;
    private double turn;
    private Rectangle2D turned;

    Inked(Arrangement.Piece piece) {
      this.piece = piece;
      this.turned = piece.ink();
    }

    Rectangle2D turned(double wanted) {
      if (wanted != turn) {
        turn = wanted;
        turned = new Path2D.Double(piece.outline(), Arrangement.rotation(-wanted)).getBounds2D();
      }
      return turned;
    }
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
