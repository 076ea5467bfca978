package kiln.data.documents;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import kiln.data.BucketTable;
import kiln.data.typeset.Arrangement;
import kiln.data.typeset.Boxes;

/**
 * A page that is ready to be drawn.
 *
 * @param page as it was set, upright
 * @param parse its contents by field
 * @param ink colour of the text, 0xRRGGBB
 */
record Document(
    BucketTable.Size size, DocumentKind kind, Page page, Page.Setting setting, Map<String, Object> parse, int ink, Scan scan) {
  private static final float PANEL = 0.1f; // of black
  private static final float RULE = 0.6f;

  /** The text where it is drawn. */
  Arrangement arrangement() {
    Arrangement upright = page.arrangement();
    if (scan.skew() == 0) {
      return upright;
    }
    AffineTransform skew = skew();
    return upright.turned(scan.skew()).placed(1, skew.getTranslateX(), skew.getTranslateY());
  }

  /** Around the middle of the page. */
  private AffineTransform skew() {
    double x = size.width() / 2.0;
    double y = size.height() / 2.0;
    AffineTransform skew = AffineTransform.getTranslateInstance(x, y);
    skew.concatenate(Arrangement.rotation(scan.skew()));
    skew.translate(-x, -y);
    return skew;
  }

  /** The picture, 0xRRGGBB [height, width]. */
  int[] paint() {
    return paint(true);
  }

  /** The picture with or without its text. */
  int[] paint(boolean text) {
    BufferedImage image = new BufferedImage(size.width(), size.height(), BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(new Color(scan.paper()));
    graphics.fillRect(0, 0, size.width(), size.height());
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    graphics.setColor(new Color(0, 0, 0, PANEL));
    fill(graphics, page.panels());
    graphics.setColor(new Color(0, 0, 0, RULE));
    fill(graphics, page.rules());
    if (text) {
      graphics.setColor(new Color(ink));
      graphics.fill(arrangement().outline());
    }
    graphics.dispose();
    int[] rgb = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
    if (scan != Scan.NONE) {
      scan.apply(rgb, size.width(), size.height());
    }
    return rgb;
  }

  private void fill(Graphics2D graphics, List<Rectangle2D> rectangles) {
    AffineTransform skew = skew();
    for (Rectangle2D rectangle : rectangles) {
      graphics.fill(scan.skew() == 0 ? rectangle : skew.createTransformedShape(rectangle));
    }
  }

  DocumentTruth truth(DocumentOptions.Caption caption) {
    Arrangement arrangement = arrangement();
    Boxes boxes = Boxes.of(arrangement, 0);
    return new DocumentTruth(
        parse,
        kind.word(),
        arrangement.text(),
        page.language().code(),
        page.language().script(),
        page.language().rightToLeft() ? "rtl" : "ltr",
        List.of(setting.body().face().name(), setting.heading().face().name()),
        Math.round(100 * Math.toDegrees(scan.skew())) / 100.0,
        caption.name().toLowerCase(Locale.ROOT),
        "ink",
        boxes.box(),
        boxes.lines(),
        boxes.words());
  }
}
