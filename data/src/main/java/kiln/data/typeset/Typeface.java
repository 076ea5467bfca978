package kiln.data.typeset;

import java.awt.Font;
import java.awt.Shape;
import java.awt.font.FontRenderContext;
import java.awt.font.GlyphVector;
import java.awt.font.LineMetrics;
import java.awt.font.TextAttribute;
import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.text.Bidi;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import kiln.data.typography.FontFace;

/**
 * A font face that shapes text: Java2D's layout (HarfBuzz) for each run of one direction, in the order of the Unicode
 * bidirectional algorithm, with kerning and ligatures. Outlines of glyphs, and short texts as shaped, are kept.
 */
public final class Typeface {
  private static final FontRenderContext CONTEXT = new FontRenderContext(new AffineTransform(), true, true);
  private static final int INVISIBLE = 0xfffe; // and above: what Java2D calls glyphs that are never drawn
  private static final String DOTTED_CIRCLE = "\u25cc";
  private static final int KEPT_TEXTS = 4096;
  private static final int KEPT_LENGTH = 24;

  private final FontFace face;
  private final Font font;
  private final int missing;
  private final int dottedCircle;
  private final double ascent;
  private final double descent;
  private final Map<Integer, Shape> outlines = new ConcurrentHashMap<>();
  private final Map<String, Optional<ShapedText>> kept = new ConcurrentHashMap<>();

  public Typeface(FontFace face) {
    this.face = face;
    this.font =
        face.font()
            .deriveFont(
                Map.of(TextAttribute.KERNING, TextAttribute.KERNING_ON, TextAttribute.LIGATURES, TextAttribute.LIGATURES_ON));
    this.missing = font.getMissingGlyphCode();
    this.dottedCircle =
        font.canDisplay(DOTTED_CIRCLE.charAt(0)) ? font.createGlyphVector(CONTEXT, DOTTED_CIRCLE).getGlyphCode(0) : -1;
    LineMetrics metrics = font.getLineMetrics("x", CONTEXT);
    this.ascent = metrics.getAscent();
    this.descent = metrics.getDescent();
  }

  public FontFace face() {
    return face;
  }

  /** How far lines reach above the baseline, by the font's own measures. */
  public double ascent() {
    return ascent;
  }

  /** How far lines reach below the baseline. */
  public double descent() {
    return descent;
  }

  /** Whether it has a glyph for every character but spaces. */
  boolean covers(String text) {
    return font.canDisplayUpTo(text.replace(" ", "")) == -1;
  }

  /**
   * A line of text, if the font shows all of it: no missing glyph, no dotted circle for a mark without a letter, ink in
   * everything that is not white space.
   *
   * @param rightToLeft which way the line as a whole runs
   */
  public Optional<ShapedText> shape(String text, boolean rightToLeft) {
    if (text.length() > KEPT_LENGTH) {
      return shapeAnew(text, rightToLeft);
    }
    String key = (rightToLeft ? "<" : ">") + text;
    Optional<ShapedText> known = kept.get(key);
    if (known == null) {
      known = shapeAnew(text, rightToLeft);
      if (kept.size() < KEPT_TEXTS) {
        kept.put(key, known);
      }
    }
    return known;
  }

  private Optional<ShapedText> shapeAnew(String text, boolean rightToLeft) {
    if (text.isEmpty() || !covers(text)) {
      return Optional.empty();
    }
    char[] characters = text.toCharArray();
    Bidi bidi = new Bidi(text, rightToLeft ? Bidi.DIRECTION_RIGHT_TO_LEFT : Bidi.DIRECTION_LEFT_TO_RIGHT);
    byte[] levels = new byte[bidi.getRunCount()];
    Integer[] runs = new Integer[levels.length];
    for (int r = 0; r < runs.length; r++) {
      runs[r] = r;
      levels[r] = (byte) bidi.getRunLevel(r);
    }
    Bidi.reorderVisually(levels, 0, runs, 0, runs.length);
    Building building = new Building(text);
    for (int r : runs) {
      boolean backwards = (bidi.getRunLevel(r) & 1) == 1;
      int start = bidi.getRunStart(r);
      GlyphVector glyphs =
          font.layoutGlyphVector(
              CONTEXT,
              characters,
              start,
              bidi.getRunLimit(r),
              backwards ? Font.LAYOUT_RIGHT_TO_LEFT : Font.LAYOUT_LEFT_TO_RIGHT);
      if (!building.add(glyphs, start)) {
        return Optional.empty();
      }
    }
    return building.finish();
  }

  /** The outline of a glyph with its origin at 0, 0. */
  private Shape outline(int code) {
    return outlines.computeIfAbsent(code, c -> font.createGlyphVector(CONTEXT, new int[] {c}).getGlyphOutline(0));
  }

  /** Glyphs of runs, from left to right, on their way to cells. */
  private final class Building {
    private final String text;
    private final List<Placed> placed = new ArrayList<>();
    private final BitSet starts = new BitSet();
    private double pen;

    private record Placed(int character, int code, double x, double y, double left, double right) {}

    Building(String text) {
      this.text = text;
    }

    /** False if something is not shown. */
    boolean add(GlyphVector glyphs, int start) {
      int count = glyphs.getNumGlyphs();
      for (int g = 0; g < count; g++) {
        int code = glyphs.getGlyphCode(g);
        int character = start + glyphs.getGlyphCharIndex(g);
        if (code == missing || (code == dottedCircle && text.indexOf(DOTTED_CIRCLE) < 0)) {
          return false;
        }
        starts.set(character);
        Point2D position = glyphs.getGlyphPosition(g);
        double left = pen + position.getX();
        double advance = glyphs.getGlyphMetrics(g).getAdvanceX();
        placed.add(new Placed(character, code, left, position.getY(), left, left + advance));
      }
      starts.set(start);
      pen += glyphs.getGlyphPosition(count).getX();
      return true;
    }

    /** A cell begins where both a glyph and a grapheme cluster begin. */
    Optional<ShapedText> finish() {
      BreakIterator graphemes = BreakIterator.getCharacterInstance(Locale.ROOT);
      graphemes.setText(text);
      List<ShapedText.Cell> cells = new ArrayList<>();
      int start = 0;
      for (int end = graphemes.next(); end != BreakIterator.DONE; end = graphemes.next()) {
        if (end == text.length() || starts.get(end)) {
          ShapedText.Cell cell = cell(start, end);
          if (cell.isBlank() != text.substring(start, end).isBlank()) {
            return Optional.empty();
          }
          cells.add(cell);
          start = end;
        }
      }
      return Optional.of(new ShapedText(text, List.copyOf(cells), pen));
    }

    private ShapedText.Cell cell(int start, int end) {
      Path2D outline = new Path2D.Double(Path2D.WIND_NON_ZERO);
      double left = Double.POSITIVE_INFINITY;
      double right = Double.NEGATIVE_INFINITY;
      for (Placed glyph : placed) {
        if (glyph.character >= start && glyph.character < end) {
          left = Math.min(left, glyph.left);
          right = Math.max(right, glyph.right);
          if (glyph.code < INVISIBLE) {
            outline.append(
                outline(glyph.code).getPathIterator(AffineTransform.getTranslateInstance(glyph.x, glyph.y)), false);
          }
        }
      }
      Rectangle2D ink = outline.getBounds2D();
      return new ShapedText.Cell(start, end, outline, ink, left, right);
    }
  }
}
