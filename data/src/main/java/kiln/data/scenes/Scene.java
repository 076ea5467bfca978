package kiln.data.scenes;

import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import kiln.data.BucketTable;
import kiln.data.typeset.Arrangement;
import kiln.data.typeset.Boxes;
import kiln.data.typeset.Language;
import kiln.data.typeset.Typeface;

/**
 * All that decides a picture.
 *
 * @param bent the curve's word for captions: {@code curve} or {@code wave}; empty for straight lines
 * @param arrangement the text, in pixels of the picture
 * @param em size of the type in pixels
 * @param painted the ground as it is painted, 0xRRGGBB [height, width]; not to be changed
 */
record Scene(
    BucketTable.Size size,
    Language language,
    Typeface typeface,
    SceneLayout layout,
    String bent,
    Arrangement arrangement,
    double em,
    Ground ground,
    int[] painted,
    SceneStyle style) {
  /** The whole picture, 0xRRGGBB [height, width]. */
  int[] paint() {
    BufferedImage image = new BufferedImage(size.width(), size.height(), BufferedImage.TYPE_INT_RGB);
    int[] rgb = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
    System.arraycopy(painted, 0, rgb, 0, rgb.length);
    Path2D outline = arrangement.outline();
    style.shadow().ifPresent(shadow -> Shadows.cast(rgb, size.width(), size.height(), outline, shadow));
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    style
        .rim()
        .ifPresent(
            rim -> {
              graphics.setColor(rim.color());
              graphics.setStroke(
                  new BasicStroke((float) (2 * rim.width()), BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
              graphics.draw(outline);
            });
    graphics.setColor(style.color());
    graphics.fill(outline);
    graphics.dispose();
    return rgb;
  }

  /** Where the ink is. */
  Boxes boxes() {
    return Boxes.of(arrangement, style.rim().map(SceneStyle.Rim::width).orElse(0.0));
  }

  SceneTruth truth() {
    Boxes boxes = boxes();
    String direction = layout == SceneLayout.VERTICAL ? "ttb" : language.rightToLeft() ? "rtl" : "ltr";
    return new SceneTruth(
        arrangement.text(),
        language.code(),
        language.script(),
        direction,
        typeface.face().name(),
        layout.word(),
        bent.isEmpty() ? null : bent,
        Math.round(10 * Math.toDegrees(arrangement.turn())) / 10.0,
        SceneStyle.hex(style.color()),
        style.rim().map(rim -> SceneStyle.hex(rim.color())).orElse(null),
        style.shadow().isPresent(),
        ground.describe(),
        SceneTruth.INK,
        boxes.box(),
        boxes.lines(),
        boxes.words(),
        boxes.characters());
  }
}
