package kiln.launcher.telemetry;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/** loss.png: the loss of every step (pale), its moving average, and the validation loss (dots), over steps. */
public final class LossCurve {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 480;
  private static final int LEFT = 76;
  private static final int RIGHT = 20;
  private static final int TOP = 36;
  private static final int BOTTOM = 44;
  private static final Color PALE = new Color(0xBBD3EA);
  private static final Color AVERAGE = new Color(0x1F5F99);
  private static final Color VALIDATION = new Color(0xC4472B);
  private static final Color RULE = new Color(0xE4E4E4);

  private final double maxStep;
  private final double low;
  private final double high;

  private LossCurve(List<StepMetrics> steps) {
    maxStep = Math.max(1, steps.stream().mapToLong(StepMetrics::step).max().orElse(1));
    double[] values =
        steps.stream()
            .flatMap(m -> java.util.stream.Stream.of(m.loss(), m.validationLoss()))
            .filter(v -> v != null && Double.isFinite(v))
            .mapToDouble(Double::doubleValue)
            .sorted()
            .toArray();
    // The first steps may be far above the rest: they may leave the frame, the rest shall fill it.
    double top = values.length == 0 ? 1 : values[(int) Math.ceil((values.length - 1) * 0.99)];
    double bottom = values.length == 0 ? 0 : values[0];
    double margin = Math.max(1e-9, (top - bottom) * 0.05);
    low = bottom - margin < 0 && bottom >= 0 ? 0 : bottom - margin;
    high = top + margin;
  }

  /** Draws the curve beside {@code file} and then renames it, so that whoever looks sees a whole picture. */
  public static void write(Path file, String title, List<StepMetrics> steps) throws IOException {
    BufferedImage image = new LossCurve(steps).draw(title, steps);
    Path aside = file.resolveSibling(file.getFileName() + ".tmp");
    ImageIO.write(image, "png", aside.toFile());
    Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private BufferedImage draw(String title, List<StepMetrics> steps) {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, WIDTH, HEIGHT);
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    drawAxes(g, title);
    g.setClip(LEFT, TOP, WIDTH - LEFT - RIGHT + 4, HEIGHT - TOP - BOTTOM);
    List<StepMetrics> updates = steps.stream().filter(m -> m.loss() != null).toList();
    drawLine(g, updates, 1, PALE, 1f);
    drawLine(g, updates, Math.max(1, updates.size() / 50), AVERAGE, 2f);
    g.setColor(VALIDATION);
    for (StepMetrics m : steps) {
      if (m.validationLoss() != null) {
        g.fill(new Ellipse2D.Double(x(m.step()) - 4, y(m.validationLoss()) - 4, 8, 8));
      }
    }
    g.dispose();
    return image;
  }

  private void drawAxes(Graphics2D g, String title) {
    double stepTick = tick(maxStep / 8);
    for (double s = 0; s <= maxStep; s += stepTick) {
      g.setColor(RULE);
      g.drawLine((int) x(s), TOP, (int) x(s), HEIGHT - BOTTOM);
      g.setColor(Color.DARK_GRAY);
      centre(g, String.format(Locale.ROOT, "%.0f", s), x(s), HEIGHT - BOTTOM + 18);
    }
    double lossTick = tick((high - low) / 6);
    int decimals = (int) Math.max(0, -Math.floor(Math.log10(lossTick)));
    for (double v = Math.ceil(low / lossTick) * lossTick; v <= high; v += lossTick) {
      g.setColor(RULE);
      g.drawLine(LEFT, (int) y(v), WIDTH - RIGHT, (int) y(v));
      g.setColor(Color.DARK_GRAY);
      String label = String.format(Locale.ROOT, "%." + decimals + "f", v);
      g.drawString(label, LEFT - 8 - g.getFontMetrics().stringWidth(label), (int) y(v) + 5);
    }
    g.setColor(Color.DARK_GRAY);
    g.drawRect(LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
    centre(g, "step", (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 8);
    g.drawString(title, LEFT, 22);
    int at = WIDTH - RIGHT - 270;
    at = legend(g, AVERAGE, "loss (moving average)", at);
    legend(g, VALIDATION, "validation", at);
  }

  private static int legend(Graphics2D g, Color color, String text, int x) {
    g.setColor(color);
    g.fillRect(x, 13, 10, 10);
    g.setColor(Color.DARK_GRAY);
    g.drawString(text, x + 15, 22);
    return x + 30 + g.getFontMetrics().stringWidth(text);
  }

  /** The mean of the last {@code window} losses at every step. */
  private void drawLine(Graphics2D g, List<StepMetrics> updates, int window, Color color, float stroke) {
    Path2D path = new Path2D.Double();
    double sum = 0;
    for (int i = 0; i < updates.size(); i++) {
      sum += updates.get(i).loss();
      if (i >= window) {
        sum -= updates.get(i - window).loss();
      }
      double y = y(sum / Math.min(i + 1, window));
      if (i == 0) {
        path.moveTo(x(updates.get(i).step()), y);
      } else {
        path.lineTo(x(updates.get(i).step()), y);
      }
    }
    g.setColor(color);
    g.setStroke(new BasicStroke(stroke, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    if (!updates.isEmpty()) {
      g.draw(path);
    }
  }

  private double x(double step) {
    return LEFT + step / maxStep * (WIDTH - LEFT - RIGHT);
  }

  private double y(double loss) {
    return HEIGHT - BOTTOM - (loss - low) / (high - low) * (HEIGHT - TOP - BOTTOM);
  }

  private static void centre(Graphics2D g, String text, double x, int y) {
    g.drawString(text, (int) (x - g.getFontMetrics().stringWidth(text) / 2.0), y);
  }

  /** The smallest of 1, 2, 5 × 10^n that is at least {@code least}. */
  private static double tick(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    double mantissa = least / power;
    return (mantissa <= 1 ? 1 : mantissa <= 2 ? 2 : mantissa <= 5 ? 5 : 10) * power;
  }
}
