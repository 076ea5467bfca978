package kiln.data.image;

import com.github.weisj.jsvg.SVGDocument;
import com.github.weisj.jsvg.parser.LoaderContext;
import com.github.weisj.jsvg.parser.SVGLoader;
import com.github.weisj.jsvg.parser.resources.ResourcePolicy;
import com.github.weisj.jsvg.view.FloatSize;
import com.github.weisj.jsvg.view.ViewBox;
import java.awt.Component;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import kiln.data.source.UnusableException;

/** Draws SVG files with JSVG. */
final class SvgRenderer {
  /** JSVG tells of every filter it cannot draw, with a stack trace; what matters here is the picture. */
  private static final Logger LIBRARY_LOG = Logger.getLogger("com.github.weisj.jsvg");

  /**
   * JSVG draws nothing of a {@code <switch>}. Drawing programs put one around everything, to offer data of their own as a
   * {@code foreignObject}, which is not drawn anyway, and the picture for all others; as a plain group it shows the latter.
   */
  private static final Pattern SWITCH = Pattern.compile("<(/?)switch\\b");

  private SvgRenderer() {}

  static {
    LIBRARY_LOG.setLevel(Level.SEVERE);
  }

  /**
   * @param side pixels of the longer side
   * @return on transparent ground
   */
  static BufferedImage render(Path file, int side) throws IOException, UnusableException {
    // One byte is one character and back, whatever the encoding that the file itself declares.
    String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    byte[] bytes = SWITCH.matcher(text).replaceAll("<$1g").getBytes(StandardCharsets.ISO_8859_1);
    // A drawing must not make this program read other files or hosts.
    LoaderContext context = LoaderContext.builder().externalResourcePolicy(ResourcePolicy.DENY_EXTERNAL).build();
    SVGDocument document = new SVGLoader().load(new ByteArrayInputStream(bytes), file.toUri(), context);
    if (document == null) {
      throw new UnusableException(Pictures.UNDECODABLE, file + ": does not decode: not an SVG document");
    }
    FloatSize size = document.size();
    if (!(size.width > 0 && size.height > 0)) {
      throw new UnusableException(
          Pictures.UNDECODABLE, file + ": does not decode: its size is " + size.width + "x" + size.height);
    }
    double scale = side / Math.max(size.width, size.height);
    int width = (int) Math.max(1, Math.round(size.width * scale));
    int height = (int) Math.max(1, Math.round(size.height * scale));
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    graphics.setRenderingHint(RenderingHints.KEY_RENDERING, RenderingHints.VALUE_RENDER_QUALITY);
    document.render((Component) null, graphics, new ViewBox(width, height));
    graphics.dispose();
    return image;
  }
}
