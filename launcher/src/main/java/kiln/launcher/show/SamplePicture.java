package kiln.launcher.show;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import kiln.data.Bucket;
import kiln.data.image.Pictures;
import kiln.data.image.RgbImage;
import kiln.data.queue.Block;
import kiln.data.show.TruthBoxes;

/** A sample's picture as HTML, with the boxes of its truth over it. */
final class SamplePicture {
  /** Larger pictures are shown smaller, or few samples would make a page of many megabytes. */
  static final int LONGEST_SIDE = 512;

  /** Smaller ones are shown larger, pixel by pixel. */
  private static final int PIXELATED = 160;

  private static final int LONGEST_LABEL = 200;

  private SamplePicture() {}

  static String html(Block block, int i, List<TruthBoxes.Shape> shapes, BoxKinds kinds) {
    Bucket bucket = block.bucket();
    RgbImage picture =
        reduced(new RgbImage(bucket.height(), bucket.width(), block.pixels(i, 1).toArray(ValueLayout.JAVA_BYTE)));
    String ratio = bucket.width() + " / " + bucket.height();
    StringBuilder html = new StringBuilder();
    html.append("<div class=\"picture\" style=\"aspect-ratio:" + ratio + ";width:min(100%,calc(18rem * " + ratio + "))\">");
    html.append(Math.max(bucket.height(), bucket.width()) < PIXELATED ? "<img class=\"pixelated\"" : "<img");
    html.append(" width=\"" + picture.width() + "\" height=\"" + picture.height() + "\"");
    html.append(" alt=\"picture of sample " + block.sampleId(i) + "\" src=\"" + dataUrl(picture) + "\">");
    if (!shapes.isEmpty()) {
      html.append("<svg class=\"boxes\" viewBox=\"0 0 " + bucket.width() + " " + bucket.height() + "\">");
      shapes.forEach(shape -> html.append(polygon(shape, kinds)));
      html.append("</svg>");
    }
    return html.append("</div>\n").toString();
  }

  private static RgbImage reduced(RgbImage picture) {
    double scale = (double) LONGEST_SIDE / Math.max(picture.height(), picture.width());
    if (scale >= 1) {
      return picture;
    }
    int height = Math.max(1, (int) Math.round(scale * picture.height()));
    int width = Math.max(1, (int) Math.round(scale * picture.width()));
    return Pictures.fit(picture, height, width);
  }

  private static String polygon(TruthBoxes.Shape shape, BoxKinds kinds) {
    StringBuilder points = new StringBuilder();
    for (int k = 0; k < shape.corners().size(); k++) {
      points.append(k == 0 ? "" : k % 2 == 0 ? " " : ",").append(Charts.format("%.2f", shape.corners().get(k)));
    }
    String label = shape.label().length() <= LONGEST_LABEL ? shape.label() : shape.label().substring(0, LONGEST_LABEL) + "…";
    String title = label.isEmpty() ? shape.kind() : shape.kind() + ": " + label;
    return "<polygon class=\"" + kinds.style(shape.kind()) + "\" points=\"" + points + "\"><title>"
        + HtmlText.attribute(title) + "</title></polygon>";
  }

  private static String dataUrl(RgbImage picture) {
    int width = picture.width();
    BufferedImage image = new BufferedImage(width, picture.height(), BufferedImage.TYPE_INT_RGB);
    byte[] rgb = picture.rgb();
    for (int i = 0; i < rgb.length / 3; i++) {
      int color = (rgb[3 * i] & 0xff) << 16 | (rgb[3 * i + 1] & 0xff) << 8 | rgb[3 * i + 2] & 0xff;
      image.setRGB(i % width, i / width, color);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(bytes.toByteArray());
  }
}
