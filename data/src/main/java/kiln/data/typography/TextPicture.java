package kiln.data.typography;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.font.GlyphVector;
import java.awt.geom.AffineTransform;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import kiln.data.BucketTable;
import kiln.data.Pixels;

/**
 * A text in one place of a picture: drawn from the outlines of its glyphs, with antialiasing, so that size and place are not
 * bound to whole pixels.
 */
final class TextPicture {
  private final GlyphVector glyphs;
  private final String text;
  private final AffineTransform slant;
  private final Rectangle2D design;

  private AffineTransform placed = new AffineTransform();
  private Rectangle2D ink = new Rectangle2D.Double();

  /**
   * @param slant how far the top leans to the right, per unit of height
   */
  TextPicture(FontFace face, String text, double slant) {
    this.text = text;
    glyphs = face.glyphs(text);
    this.slant = AffineTransform.getShearInstance(-slant, 0);
    design = bounds(this.slant.createTransformedShape(glyphs.getOutline()));
  }

  /** Ink at {@link FontFace#DESIGN_SIZE}; empty if there is none. */
  Rectangle2D design() {
    return design;
  }

  /** Ink in the picture. */
  Rectangle2D ink() {
    return ink;
  }

  /**
   * Scales the ink and moves it.
   *
   * @param left where its left edge goes, pixels
   * @param top where its top edge goes, pixels
   */
  void place(double scale, double left, double top) {
    placed = AffineTransform.getTranslateInstance(left - design.getX() * scale, top - design.getY() * scale);
    placed.scale(scale, scale);
    placed.concatenate(slant);
    ink = new Rectangle2D.Double(left, top, design.getWidth() * scale, design.getHeight() * scale);
  }

  /** The drawn picture. */
  Pixels draw(BucketTable.Size size, Color color, Color ground) {
    BufferedImage image = new BufferedImage(size.width(), size.height(), BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(ground);
    graphics.fillRect(0, 0, size.width(), size.height());
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    graphics.setColor(color);
    graphics.fill(placed.createTransformedShape(glyphs.getOutline()));
    graphics.dispose();
    int[] rgb = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
    return target -> unpack(rgb, target);
  }

  private static void unpack(int[] rgb, MemorySegment target) {
    for (int i = 0; i < rgb.length; i++) {
      target.set(ValueLayout.JAVA_BYTE, 3L * i, (byte) (rgb[i] >> 16));
      target.set(ValueLayout.JAVA_BYTE, 3L * i + 1, (byte) (rgb[i] >> 8));
      target.set(ValueLayout.JAVA_BYTE, 3L * i + 2, (byte) rgb[i]);
    }
  }

  /** The boxes of the glyphs that have ink, in reading order. */
  List<TypographyTruth.Character> characters() {
    List<TypographyTruth.Character> characters = new ArrayList<>();
    for (int g = 0; g < glyphs.getNumGlyphs(); g++) {
      Rectangle2D bounds = bounds(placed.createTransformedShape(glyphs.getGlyphOutline(g)));
      if (!bounds.isEmpty()) {
        int at = glyphs.getGlyphCharIndex(g);
        String character = new String(Character.toChars(text.codePointAt(at)));
        characters.add(new TypographyTruth.Character(character, box(bounds)));
      }
    }
    return characters;
  }

  /** The whole pixels that a shape touches. */
  static TypographyTruth.Box box(Rectangle2D bounds) {
    int x = (int) Math.floor(bounds.getMinX());
    int y = (int) Math.floor(bounds.getMinY());
    int right = (int) Math.ceil(bounds.getMaxX());
    int bottom = (int) Math.ceil(bounds.getMaxY());
    return new TypographyTruth.Box(x, y, right - x, bottom - y);
  }

  private static Rectangle2D bounds(Shape shape) {
    return shape.getBounds2D();
  }
}
