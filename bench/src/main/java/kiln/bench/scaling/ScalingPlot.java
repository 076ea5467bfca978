package kiln.bench.scaling;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import javax.imageio.ImageIO;

/** Efficiency (0 to 1) over ranks (powers of two), a line per network; solid with overlap, dashed without. */
final class ScalingPlot {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 480;
  private static final int LEFT = 76;
  private static final int RIGHT = 20;
  private static final int TOP = 56;
  private static final int BOTTOM = 44;
  private static final int TICKS = 5;
  private static final Color RULE = new Color(0xE4E4E4);
  private static final List<Color> COLORS = List.of(new Color(0xC4472B), new Color(0x1F5F99), new Color(0x3B8F4A));

  /**
   * One line.
   *
   * @param color index of the network
   * @param efficiency at every number of ranks
   */
  record Curve(String name, int color, boolean overlaps, double[] efficiency) {}

  private final int[] ranks;

  private ScalingPlot(int[] ranks) {
    this.ranks = ranks;
  }

  /** Draws beside {@code file} and then renames. */
  static void write(Path file, String title, int[] ranks, List<Curve> curves) throws IOException {
    BufferedImage image = new ScalingPlot(ranks).draw(title, curves);
    Path aside = file.resolveSibling(file.getFileName() + ".tmp");
    ImageIO.write(image, "png", aside.toFile());
    Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private BufferedImage draw(String title, List<Curve> curves) {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, WIDTH, HEIGHT);
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    axes(g, title);
    int at = LEFT;
    for (Curve curve : curves) {
      g.setColor(COLORS.get(curve.color % COLORS.size()));
      float[] dashes = curve.overlaps ? null : new float[] {6, 5};
      g.setStroke(new BasicStroke(2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, dashes, 0));
      line(g, curve);
      g.drawLine(at, TOP - 16, at + 24, TOP - 16);
      g.setColor(Color.DARK_GRAY);
      g.drawString(curve.name, at + 29, TOP - 12);
      at += 44 + g.getFontMetrics().stringWidth(curve.name);
    }
    g.dispose();
    return image;
  }

  private void axes(Graphics2D g, String title) {
    for (int i = 0; i < ranks.length; i++) {
      g.setColor(RULE);
      g.drawLine((int) x(i), TOP, (int) x(i), HEIGHT - BOTTOM);
      g.setColor(Color.DARK_GRAY);
      centre(g, Integer.toString(ranks[i]), x(i), HEIGHT - BOTTOM + 18);
    }
    for (int i = 0; i <= TICKS; i++) {
      double share = (double) i / TICKS;
      g.setColor(RULE);
      g.drawLine(LEFT, (int) y(share), WIDTH - RIGHT, (int) y(share));
      g.setColor(Color.DARK_GRAY);
      String label = 100 * i / TICKS + " %";
      g.drawString(label, LEFT - 8 - g.getFontMetrics().stringWidth(label), (int) y(share) + 5);
    }
    g.drawRect(LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
    centre(g, "ranks", (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 8);
    g.drawString(title, LEFT, 20);
  }

  private void line(Graphics2D g, Curve curve) {
    Path2D path = new Path2D.Double();
    path.moveTo(x(0), y(curve.efficiency[0]));
    for (int i = 1; i < ranks.length; i++) {
      path.lineTo(x(i), y(curve.efficiency[i]));
    }
    g.draw(path);
  }

  private double x(int index) {
    return LEFT + (double) index / (ranks.length - 1) * (WIDTH - LEFT - RIGHT);
  }

  private static double y(double share) {
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
  }

  private static void centre(Graphics2D g, String text, double x, int y) {
    g.drawString(text, (int) (x - g.getFontMetrics().stringWidth(text) / 2.0), y);
  }
}
