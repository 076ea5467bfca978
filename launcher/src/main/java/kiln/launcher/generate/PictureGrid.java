package kiln.launcher.generate;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/** Pictures in rows, enlarged to whole multiples of their pixels, each above its caption. */
final class PictureGrid {
  private static final int SMALLEST_CELL = 96;
  private static final int GAP = 10;
  private static final int BETWEEN = 2;
  private static final int LINE = 13;
  private static final int CAPTION_LINES = 3;

  /**
   * One cell.
   *
   * @param pictures side by side: the drawn one, or the real one and the drawn one
   */
  record Cell(String caption, List<BufferedImage> pictures) {}

  private PictureGrid() {}

  static BufferedImage draw(List<Cell> cells, int columns) {
    BufferedImage first = cells.getFirst().pictures().getFirst();
    int scale = Math.max(1, Math.ceilDiv(SMALLEST_CELL, Math.max(first.getHeight(), first.getWidth())));
    int height = 0;
    int width = 0;
    for (Cell cell : cells) {
      height = Math.max(height, cell.pictures().stream().mapToInt(BufferedImage::getHeight).max().orElse(0) * scale);
      width = Math.max(width, cell.pictures().stream().mapToInt(p -> p.getWidth() * scale + BETWEEN).sum());
    }
    int rows = Math.ceilDiv(cells.size(), columns);
    int cellHeight = height + CAPTION_LINES * LINE + GAP;
    BufferedImage grid =
        new BufferedImage(columns * (width + GAP) + GAP, rows * cellHeight + GAP, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = grid.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
    g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 10));
    g.setColor(new Color(0xF2F2F2));
    g.fillRect(0, 0, grid.getWidth(), grid.getHeight());
    for (int i = 0; i < cells.size(); i++) {
      int x = GAP + i % columns * (width + GAP);
      int y = GAP + i / columns * cellHeight;
      drawCell(g, cells.get(i), x, y, width, height, scale);
    }
    g.dispose();
    return grid;
  }

  private static void drawCell(Graphics2D g, Cell cell, int x, int y, int width, int height, int scale) {
    int at = x;
    for (BufferedImage picture : cell.pictures()) {
      g.drawImage(picture, at, y, picture.getWidth() * scale, picture.getHeight() * scale, null);
      at += picture.getWidth() * scale + BETWEEN;
    }
    g.setColor(Color.DARK_GRAY);
    List<String> lines = wrap(cell.caption(), g.getFontMetrics(), width);
    for (int i = 0; i < Math.min(lines.size(), CAPTION_LINES); i++) {
      g.drawString(lines.get(i), x, y + height + (i + 1) * LINE - 2);
    }
  }

  /** Lines of at most {@code width} pixels, broken at spaces where there are any. */
  private static List<String> wrap(String text, FontMetrics metrics, int width) {
    List<String> lines = new ArrayList<>();
    String rest = text.strip();
    while (!rest.isEmpty()) {
      int end = rest.length();
      while (end > 1 && metrics.stringWidth(rest.substring(0, end)) > width) {
        int space = rest.lastIndexOf(' ', end - 1);
        end = space > 0 ? space : end - 1;
      }
      lines.add(rest.substring(0, end));
      rest = rest.substring(end).strip();
    }
    return lines;
  }
}
