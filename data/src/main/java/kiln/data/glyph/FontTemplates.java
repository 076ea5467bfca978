package kiln.data.glyph;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import kiln.data.typography.FontFace;

/**
 * Characters as fonts draw them, to be compared with pictures.
 *
 * @param templates every character in every face that has it
 */
public record FontTemplates(List<Template> templates) {
  private static final int DRAWN = 96;

  /** One character in one face. */
  public record Template(String character, String font, InkMap ink) {}

  /**
   * The template most like a picture.
   *
   * @param correlation with it, -1 to 1
   */
  public record Match(String character, String font, double correlation) {}

  public FontTemplates {
    if (templates.isEmpty()) {
      throw new IllegalArgumentException("no templates");
    }
    templates = List.copyOf(templates);
  }

  /**
   * @param characters each code point is one
   */
  public static FontTemplates of(List<FontFace> faces, String characters) {
    List<Template> templates = new ArrayList<>();
    for (FontFace face : faces) {
      for (int codePoint : characters.codePoints().toArray()) {
        String character = new String(Character.toChars(codePoint));
        if (face.shows(character)) {
          templates.add(new Template(character, face.name(), render(face, character)));
        }
      }
    }
    return new FontTemplates(templates);
  }

  /** A text as a face draws it, cut to its ink. */
  public static InkMap render(FontFace face, String text) {
    Shape outline = face.glyphs(text).getOutline();
    Rectangle2D bounds = outline.getBounds2D();
    double scale = DRAWN / Math.max(bounds.getWidth(), bounds.getHeight());
    int width = (int) Math.ceil(bounds.getWidth() * scale);
    int height = (int) Math.ceil(bounds.getHeight() * scale);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    AffineTransform transform = AffineTransform.getScaleInstance(scale, scale);
    transform.translate(-bounds.getX(), -bounds.getY());
    graphics.fill(transform.createTransformedShape(outline));
    graphics.dispose();
    float[] ink = image.getRaster().getSamples(0, 0, width, height, 0, (float[]) null);
    for (int i = 0; i < ink.length; i++) {
      ink[i] /= 255;
    }
    return InkMap.ofInk(ink, height, width);
  }

  /** The template nearest to an ink map; of equally near ones the first. */
  public Match nearest(InkMap ink) {
    Template best = templates.getFirst();
    double bestCorrelation = Double.NEGATIVE_INFINITY;
    for (Template template : templates) {
      double correlation = ink.correlation(template.ink());
      if (correlation > bestCorrelation) {
        best = template;
        bestCorrelation = correlation;
      }
    }
    return new Match(best.character(), best.font(), bestCorrelation);
  }

  /**
   * The template nearest to a picture.
   *
   * @param rgb uint8 [height, width, 3]
   */
  public Match nearest(byte[] rgb, int height, int width) {
    return nearest(InkMap.ofPicture(rgb, height, width));
  }
}
