package kiln.data.typeset;

import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.List;

/**
 * One line of text as the glyphs of a font, in units of {@link kiln.data.typography.FontFace#DESIGN_SIZE}, its baseline on the
 * x axis, its left end at 0.
 *
 * @param text what was shaped, in logical order
 * @param cells in logical order; they cover the text
 * @param advance its width
 */
public record ShapedText(String text, List<Cell> cells, double advance) {
  /**
   * The smallest piece that has glyphs of its own: a grapheme cluster, or several where the font joins them in one glyph (a
   * ligature).
   *
   * @param start index of its first char
   * @param end after its last char
   * @param outline empty for white space
   * @param ink the bounds of the outline
   * @param left where its advance begins
   * @param right where its advance ends
   */
  public record Cell(int start, int end, Path2D outline, Rectangle2D ink, double left, double right) {
    public boolean isBlank() {
      return ink.isEmpty();
    }
  }
}
